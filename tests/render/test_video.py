from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest

from tests.render.factories import stand
from transflower.audio.audio import Audio
from transflower.core.errors import DataError, OptionsError
from transflower.render.canvas import YUV420, Canvas
from transflower.render.segments import encode_segment
from transflower.render.video import AUDIO_RATE, VideoConfig, join, write_video

SMALL = VideoConfig(width=128, height=96)


def clicks(moments, *, seconds, sample_rate=AUDIO_RATE, channels=1):
    """Silence with a click of 2 ms at each moment."""
    samples = np.zeros((round(seconds * sample_rate), channels), np.float32)
    for moment in moments:
        start = round(moment * sample_rate)
        samples[start : start + sample_rate // 500] = 0.8
    return Audio(samples, sample_rate)


def plain(level):
    """A picture of one grey."""
    return Canvas.of(np.full((96, 128, 3), level, float), YUV420)


def heard(path):
    """Sound of a file as a player times it: moments in seconds and levels."""
    with av.open(str(path)) as container:
        frames = [(frame.pts * frame.time_base, frame.to_ndarray()) for frame in container.decode(audio=0)]
    moments = np.concatenate([float(start) + np.arange(block.shape[1]) / AUDIO_RATE for start, block in frames])
    return moments, np.concatenate([np.abs(block).max(axis=0) for _, block in frames])


def onsets(path):
    """Moments at which a click starts to be heard."""
    moments, levels = heard(path)
    loud = moments[levels > 0.3]
    return loud[np.diff(loud, prepend=-1) > 0.1]


def seen(path):
    """Moments and mean brightness of the pictures of a file."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return np.array([float(frame.pts * frame.time_base) for frame in frames]), [
        float(frame.to_ndarray(format="gray").mean()) for frame in frames
    ]


@pytest.mark.parametrize("fps", [30.0, 30000 / 1001, 24.0, 60.0, 12.5])
def test_a_flash_and_a_click_stay_together(tmp_path, fps):
    flashes = {round(second * fps) for second in (0.5, 1.5, 2.5)}
    config = replace(SMALL, fps=fps)
    pictures = [plain(255 if frame in flashes else 0) for frame in range(int(3 * fps))]
    sound = clicks([frame / fps for frame in flashes], seconds=3.0, channels=2).samples
    parts = [encode_segment(part, config) for part in (pictures[:10], pictures[10:11], pictures[11:])]
    join(tmp_path / "sync.mp4", parts, [sound], config, count=len(pictures))
    moments, brightness = seen(tmp_path / "sync.mp4")
    flashed = moments[np.array(brightness) > 128]
    assert len(flashed) == len(onsets(tmp_path / "sync.mp4")) == 3
    np.testing.assert_allclose(flashed, sorted(frame / fps for frame in flashes), atol=1e-3)
    np.testing.assert_allclose(onsets(tmp_path / "sync.mp4"), flashed, atol=0.003)


@pytest.mark.parametrize("sample_rate", [8000, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_sound_is_in_time(tmp_path, sample_rate, channels):
    audio = clicks([0.3, 0.8], seconds=1.0, sample_rate=sample_rate, channels=channels)
    write_video(tmp_path / "a.mp4", [stand(num_frames=30)], audio, replace(SMALL, fps=10.0))
    np.testing.assert_allclose(onsets(tmp_path / "a.mp4"), [0.3, 0.8], atol=0.003)


@pytest.mark.parametrize("seconds_of_sound", [0.4, 1.0, 3.0])
def test_the_dance_decides_the_length(tmp_path, seconds_of_sound):
    audio = clicks([0.1], seconds=seconds_of_sound)
    write_video(tmp_path / "a.mp4", [stand(num_frames=41, fps=40.0)], audio, SMALL)
    moments, _ = seen(tmp_path / "a.mp4")
    assert len(moments) == 31  # 1.025 s: the last frame of the dance is not lost
    sounding, _ = heard(tmp_path / "a.mp4")
    assert 41 / 40 <= sounding[-1] + 0.001 <= 41 / 40 + 0.03


def test_without_music_there_is_no_sound(tmp_path):
    write_video(tmp_path / "new folder" / "a.mp4", [stand()], None, SMALL)
    with av.open(str(tmp_path / "new folder" / "a.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_the_file_plays_everywhere_and_from_the_start(tmp_path):
    write_video(tmp_path / "a.mp4", [stand()], clicks([], seconds=0.1), replace(SMALL, fps=30000 / 1001))
    with av.open(str(tmp_path / "a.mp4")) as container:
        video, audio = container.streams
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.codec_context.pix_fmt, video.average_rate) == ("yuv420p", Fraction(30000, 1001))
        assert (video.codec_context.width, video.codec_context.height) == (128, 96)
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_dance_gives_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_video(tmp_path / f"{name}.mp4", [stand(num_frames=10)], clicks([0.1], seconds=0.3), SMALL)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_long_video_is_the_same_by_however_many_processes(tmp_path, monkeypatch):
    small = replace(SMALL, width=64, height=64, fps=120.0)
    for name in ("a", "b"):
        write_video(tmp_path / f"{name}.mp4", [stand(num_frames=61)], None, small)
        monkeypatch.setattr("transflower.core.workers.has_semaphores", lambda: False)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    moments, _ = seen(tmp_path / "a.mp4")
    np.testing.assert_allclose(moments, np.arange(len(moments)) / 120, atol=1e-4)
    assert len(moments) > 240


def test_pictures_and_sound_lie_side_by_side_in_the_file(tmp_path):
    write_video(tmp_path / "a.mp4", [stand(num_frames=150)], clicks([1.0], seconds=5.0), replace(SMALL, fps=5.0))
    with av.open(str(tmp_path / "a.mp4")) as container:
        sounds = [packet.pos for packet in container.demux(audio=0) if packet.size]
        container.seek(0)
        pictures = [packet.pos for packet in container.demux(video=0) if packet.size]
    assert any(before < pictures[-1] < after for before, after in pairwise(sounds))


def test_a_failure_leaves_nothing_behind(tmp_path):
    def segments():
        yield encode_segment([plain(0)], SMALL)
        raise DataError("no more")

    with pytest.raises(DataError, match="no more"):
        join(tmp_path / "a.mp4", segments(), None, SMALL, count=2)
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_dancers_is_refused(tmp_path):
    with pytest.raises(DataError, match="at least one clip"):
        write_video(tmp_path / "a.mp4", [])


def test_quality_is_lossless_at_0_and_falls_from_there():
    rng = np.random.default_rng(0)
    noise = [Canvas.of(128 + 40 * rng.normal(size=(96, 128, 3)), YUV420) for _ in range(3)]

    def error(quality):
        with av.open(BytesIO(encode_segment(noise, replace(SMALL, quality=quality)))) as container:
            planes = [frame.to_ndarray(format="yuv420p").reshape(-1) for frame in container.decode(video=0)]
        return np.abs(np.stack(planes).astype(int) - [picture.data for picture in noise]).mean()

    errors = [error(quality) for quality in (0, 1, 20, 45, 51)]
    assert errors[0] == 0
    assert errors == sorted(errors)


@pytest.mark.parametrize("change", [{"fps": 0.0}, {"fps": float("nan")}, {"fps": 1000.0}, {"quality": 60}])
def test_impossible_options_are_refused(change):
    with pytest.raises(OptionsError, match=str(next(iter(change.values())))):
        replace(SMALL, **change)
