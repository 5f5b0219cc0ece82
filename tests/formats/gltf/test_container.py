import base64
import json

import pytest

from tests.formats.gltf.factories import glb, gltf
from transflower.core.errors import FormatError
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.formats.gltf.container import embed_files, parse_gltf, read_gltf, to_glb

ASSET = {"asset": {"version": "2.0"}}
OTHERS = ((b"XTRA", b"1234"),)
STRANGE = {
    **ASSET,
    "nodes": [{"name": "\ud800 \u3042\n", "extras": {"n": 1e-7, "big": 3.4028234663852886e38, "nested": [[True]]}}],
    "buffers": [{"byteLength": 5, "extras": "x"}],
    "extensions": {"VRM": {"meta": {"title": "\u540d"}}},
}


def test_a_file_written_back_is_the_same(tmp_path):
    path = tmp_path / "strange.vrm"
    path.write_bytes(glb(STRANGE, b"abcde\1\2\3", others=OTHERS))
    again = parse_gltf(path, to_glb(read_gltf(path)))
    assert again.document == STRANGE
    assert list(again.document) == list(STRANGE)
    assert again.binary == b"abcde\1\2\3"
    assert again.other_chunks == read_gltf(path).other_chunks
    assert again.buffer(0, "here") == b"abcde\1\2\3"


def test_what_is_appended_stands_behind_what_was_there(tmp_path):
    file = parse_gltf(tmp_path / "a.glb", glb(STRANGE, b"abcde\1\2\3", others=OTHERS))
    appender = GltfAppender(file)
    appender.add("nodes", {"name": "new"})
    view = appender.add_view(b"more")
    again = parse_gltf(file.path, appender.to_glb())
    assert again.binary.startswith(file.binary)
    assert bytes(again.view(view, "here")[0]) == b"more"
    assert again.document["nodes"] == [*STRANGE["nodes"], {"name": "new"}]
    assert again.document["buffers"] == [{"byteLength": 12, "extras": "x"}]
    assert {**again.document, "nodes": 0, "buffers": 0, "bufferViews": 0} == {
        **STRANGE,
        "nodes": 0,
        "buffers": 0,
        "bufferViews": 0,
    }
    assert again.other_chunks == file.other_chunks
    assert file.document == STRANGE


def test_nothing_appended_changes_nothing():
    file = gltf({"buffers": [{"byteLength": 3}]}, b"abcd")
    assert GltfAppender(file).to_glb() == to_glb(file)


def test_an_empty_file_can_be_appended_to():
    appender = GltfAppender(empty_gltf("tests"))
    assert appender.add_view(b"abc", target=34962) == 0
    appender.add_view(b"defg")
    again = parse_gltf(appender.file.path, appender.to_glb())
    assert [bytes(again.view(index, "here")[0]) for index in (0, 1)] == [b"abc", b"defg"]
    assert again.document["bufferViews"][1]["byteOffset"] % 4 == 0


def test_gltf_with_files_beside_it_is_read_and_made_one_file(tmp_path):
    (tmp_path / "my data.bin").write_bytes(b"12345")
    (tmp_path / "skin.png").write_bytes(b"png")
    uri = "data:application/octet-stream;base64," + base64.b64encode(b"abc").decode()
    buffers = [{"byteLength": 5, "uri": "my%20data.bin"}, {"byteLength": 3, "uri": uri}]
    path = tmp_path / "a.gltf"
    path.write_text("\ufeff" + json.dumps({**ASSET, "buffers": buffers, "images": [{"uri": "skin.png"}]}))
    file = read_gltf(path)
    assert [file.buffer(index, "here") for index in (0, 1)] == [b"12345", b"abc"]
    appender = GltfAppender(embed_files(file))
    view = appender.add_view(b"more")
    again = parse_gltf(tmp_path / "elsewhere" / "a.glb", appender.to_glb())
    assert [again.buffer(index, "here") for index in (0, 1, 2)] == [b"12345", b"abc", b"more"]
    assert bytes(again.view(view, "here")[0]) == b"more"
    assert again.document["images"] == [{"uri": "data:image/png;base64,cG5n"}]


WHOLE = glb({**ASSET, "buffers": [{"byteLength": 4}]}, b"abcd")
# name: (contents, part of the message)
MALFORMED = {
    "empty": (b"", "is empty"),
    "another format": (b"\x89PNG\r\n", "begins neither with"),
    "magic alone": (b"glTF", "is cut short: 4 bytes"),
    "a header alone": (WHOLE[:12], "is cut short: 12 bytes"),
    "version 1": (glb(ASSET, version=1), "version 1; export it as glTF 2.0"),
    "cut in the binary part": (WHOLE[:-2], "its header announces"),
    "a huge chunk": (WHOLE[:12] + b"\xff\xff\xff\x7f" + WHOLE[16:], "chunk 0 has 2147483647 bytes"),
    "too many chunks": (glb(ASSET, others=((b"XTRA", b""),) * 200), "more than 100 chunks"),
    "no JSON chunk": (WHOLE.replace(b"JSON", b"NOSJ"), "no JSON chunk"),
    "JSON that is not UTF-8": (glb(b'{"\xff"}'), "not UTF-8"),
    "damaged JSON": (glb(b'{"asset": '), "damaged JSON part: Expecting value at character"),
    "NaN in the JSON": (glb(b'{"asset": {"version": "2.0"}, "x": NaN}'), "NaN is no number"),
    "an infinite number": (glb(b'{"asset": {"version": "2.0"}, "x": 1e999}'), "1e999 is too large"),
    "a number of 5000 digits": (glb(b'{"x": %s}' % (b"1" * 5000)), "damaged JSON part"),
    "deep nesting": (glb(b"[" * 100000), "nested too deeply"),
    "a list": (glb([]), "no asset with a version"),
    "an asset that is none": (glb({"asset": 2}), "no asset with a version"),
    "glTF 1": (b' {"asset": {"version": "1.0"}}', "is glTF of version 1.0; export it"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_container_is_refused_in_one_sentence(name, tmp_path):
    content, message = MALFORMED[name]
    path = tmp_path / "bad.glb"
    path.write_bytes(content)
    with pytest.raises(FormatError) as error:
        read_gltf(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 200


# name: (buffers, part of the message)
BROKEN_BUFFERS = {
    "no list": ({}, "its buffers are no list of objects"),
    "no objects": ([1], "its buffers are no list of objects"),
    "too short": ([{"byteLength": 5}], "is cut short: buffers[0] has 5 bytes, 4 are there"),
    "no length": ([{}], "buffers[0] has byteLength null, which is no count"),
    "a negative length": ([{"byteLength": -1}], "byteLength -1"),
    "a huge length": ([{"byteLength": 10**18}], "which is no count"),
    "the web": ([{"byteLength": 1, "uri": "https://example.org/a.bin"}], "only files beside it are read"),
    "another folder": ([{"byteLength": 1, "uri": "../a.bin"}], "outside its own folder"),
    "an absolute path": ([{"byteLength": 1, "uri": "/a.bin"}], "outside its own folder"),
    "escaped dots": ([{"byteLength": 1, "uri": "%2e%2e/a.bin"}], "outside its own folder"),
    "a zero byte": ([{"byteLength": 1, "uri": "a%00.bin"}], "only files beside it are read"),
    "a missing file": ([{"byteLength": 1, "uri": "a.bin"}], "cannot be read"),
    "an address that is none": ([{"byteLength": 1, "uri": 1}], "has the uri 1, which is no address"),
    "data that are not base64": ([{"byteLength": 1, "uri": "data:,abc"}], "not in base64"),
    "damaged base64": ([{"byteLength": 1, "uri": "data:;base64,a"}], "damaged base64"),
}


@pytest.mark.parametrize("name", BROKEN_BUFFERS)
def test_a_broken_buffer_is_refused_in_one_sentence(name):
    buffers, message = BROKEN_BUFFERS[name]
    with pytest.raises(FormatError) as error:
        gltf({"buffers": buffers}, b"abcd").buffer(0, "here")
    assert message in str(error.value)


def test_a_second_buffer_without_an_address_is_refused():
    with pytest.raises(FormatError, match=r"buffers\[1\] has no uri"):
        gltf({"buffers": [{"byteLength": 1}] * 2}, b"abcd").buffer(1, "here")
