"""From folders of recordings to folders of features."""

from transflower.features.extraction.audio import AudioExtraction, extract_audio
from transflower.features.extraction.motion import MotionExtraction, extract_motion
from transflower.features.extraction.report import ExtractionReport

__all__ = ["AudioExtraction", "ExtractionReport", "MotionExtraction", "extract_audio", "extract_motion"]
