// Pictures that come from the kernel as bytes, one after another, each (height, width, channels).

export function bytesOf(buffer) {
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

// One of the pictures, opaque, as a canvas takes it; a single channel is grey.
export function imageOf(context, pixels, number, [height, width, channels]) {
  const image = context.createImageData(width, height);
  const size = height * width;
  for (let p = 0; p < size; p++) {
    const from = (number * size + p) * channels;
    for (let c = 0; c < 3; c++) image.data[4 * p + c] = pixels[from + (channels === 3 ? c : 0)];
    image.data[4 * p + 3] = 255;
  }
  return image;
}
