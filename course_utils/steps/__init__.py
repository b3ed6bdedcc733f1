"""Steps of other games than the first lesson's, one file a game. Each is played by ``training.fit``."""
