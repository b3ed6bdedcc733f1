"""Video: noise of content and of motion, and the two critics."""

from itertools import pairwise

from course_utils.diagrams.ink import Box, Diagram, Sheet


def content_and_motion() -> Diagram:
    """The same content goes to every frame; noise of motion goes through a recurrent path; each frame is made by itself."""
    sheet = Sheet(336)
    codes = []
    for k, x in enumerate((110, 340, 570)):
        noise = sheet.box(x, 276, 116, 50, f"noise {k}\nnew each time", "plain")
        code = sheet.box(x, 194, 116, 46, f"code {k}", "generator")
        content = sheet.box(x - 100, 106, 78, 50, "content\nthe same", "real")
        maker = sheet.box(x, 106, 116, 50, "generator\nof frames", "generator")
        frame = sheet.box(x, 24, 116, 46, f"frame {k}", "fake")
        for start, end in ((noise, code), (code, maker), (maker, frame)):
            sheet.forward(start.top, end.bottom)
        sheet.forward(content.right, maker.left)
        codes.append(code)
    for left, right in pairwise(codes):
        sheet.forward(left.right, right.left)
        sheet.chip((left.right[0] + right.left[0]) / 2, left.right[1] - 18, "GRU cell", "generator")
    return sheet.diagram(
        "content_and_motion",
        "Three frames in a row. Each is made by the same generator of frames from two codes: the content, which is the same "
        "for all "
        "frames, and a code of motion. A GRU cell makes each code of motion from the code before and from noise that is new "
        "in every "
        "frame.",
    )


def two_critics() -> Diagram:
    """One frame goes to the image critic, all frames to the video critic; the generator hears both."""
    sheet = Sheet(250)
    generator = sheet.box(8, 92, 104, 60, "generator\nof videos", "generator")
    plates = [sheet.plate(Box(170 + 14 * k, 78 + 10 * k, 82, 66), "fake") for k in range(4)]
    video = plates[-1]
    sheet.chip(video.x + 41, video.y + 33, "16 frames", "fake")
    image = sheet.box(420, 22, 136, 56, "image critic\none frame", "discriminator")
    whole = sheet.box(420, 160, 136, 56, "video critic\n16 channels", "discriminator")
    first, second = (sheet.box(600, y, 90, 44, text, "loss") for y, text in ((28, "a digit?"), (166, "moves?")))
    sheet.forward(generator.right, (166, 122))
    sheet.forward((306, 118), (340, 118), (340, 50), image.left)
    sheet.chip(340, 88, "one at random")
    sheet.forward((306, 150), (340, 150), (340, 188), whole.left)
    sheet.forward(image.right, first.left)
    sheet.forward(whole.right, second.left)
    sheet.back(first.top, (645, 10), (60, 10), generator.top)
    sheet.back(second.bottom, (645, 238), (60, 238), generator.bottom)
    sheet.chip(240, 238, "video_weight", "back", mono=True)
    return sheet.diagram(
        "two_critics",
        "A generator makes a video of 16 frames. One frame, picked at random, goes to the image critic, which asks whether "
        "it is a "
        "digit. All 16 frames, as channels, go to the video critic, which asks whether it moves as a digit does. Both "
        "gradients "
        "reach the generator, that of the video critic with a weight.",
    )
