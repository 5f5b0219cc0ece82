"""The sound formats that can be read: one list for all commands."""

SOUND_SUFFIXES = (
    *(".wav", ".mp3", ".ogg", ".oga", ".flac", ".m4a", ".aac", ".opus", ".mp4", ".mov", ".mkv", ".webm"),
    *(".aif", ".aiff", ".aifc", ".caf", ".w64", ".rf64", ".bwf", ".wave", ".au", ".snd", ".wma", ".wmv", ".asf"),
    *(".ac3", ".eac3", ".ec3", ".dts", ".mp2", ".mp1", ".m4b", ".m4v", ".m4r", ".3gp", ".3g2", ".mka", ".avi"),
    *(".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".vob", ".ogv", ".ogx", ".spx", ".amr", ".wv", ".ape", ".tta", ".tak"),
)
"""Files that folders are searched for, in lower case."""

DEMUXERS = (
    *("wav", "w64", "aiff", "au", "caf", "flac", "ogg", "mp3", "aac", "mov", "matroska", "mpegts", "avi", "asf"),
    *("ac3", "eac3", "dts", "mpeg", "amr", "wv", "ape", "tta", "tak"),
)
"""FFmpeg's readers of these; none that, like a playlist, could name other files."""

ESTIMATING_DEMUXERS = frozenset({"mp3", "aac", "ac3", "eac3", "dts", "mpegts", "mpeg", "amr"})
"""Those that guess the length of a file from its size, because such files do not state it."""
