import numpy as np
import pytest

from tests.formats.gltf.factories import PATH, gltf, one_accessor
from transflower.core.errors import FormatError
from transflower.formats.gltf.accessors import COMPONENTS, AccessorReader
from transflower.formats.gltf.appender import GltfAppender, empty_gltf
from transflower.formats.gltf.container import parse_gltf


def read(file, type_="SCALAR", index=0):
    return AccessorReader(file).read(index, type_, "a test")


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_type_is_read(component):
    numbers = np.array([1, 2, 100], COMPONENTS[component])
    file = one_accessor(numbers.tobytes(), componentType=component, count=3)
    assert read(file).tolist() == [[1], [2], [100]]


@pytest.mark.parametrize(
    ("component", "values", "expected"),
    [
        (5120, [-128, -127, 0, 127], [-1, -1, 0, 1]),
        (5121, [0, 255], [0, 1]),
        (5122, [-32768, 32767], [-1, 1]),
        (5123, [0, 65535, 13107], [0, 1, 0.2]),
    ],
)
def test_normalised_numbers_are_read_as_the_standard_says(component, values, expected):
    numbers = np.array(values, COMPONENTS[component])
    file = one_accessor(numbers.tobytes(), componentType=component, count=len(values), normalized=True)
    np.testing.assert_allclose(read(file)[:, 0], expected)


def test_strides_and_offsets_are_followed():
    rows = np.arange(20, dtype="<f4").reshape(4, 5)
    file = one_accessor(rows.tobytes(), view={"byteStride": 20}, byteOffset=4, type="VEC3", count=4)
    assert read(file, "VEC3").tolist() == rows[:, 1:4].tolist()


def test_columns_of_small_matrices_begin_at_multiples_of_four_bytes():
    numbers = np.array([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0], np.uint8)
    for size in (11, 12):
        file = one_accessor(numbers[:size].tobytes(), componentType=5121, type="MAT3", count=1)
        assert read(file, "MAT3").tolist() == [[1, 2, 3, 4, 5, 6, 7, 8, 9]]


def test_sparse_values_replace_others():
    base, places, values = np.arange(4, dtype="<f4"), np.array([3, 1], "<u2"), np.array([30, 10], "<f4")
    sparse = {
        "count": 2,
        "indices": {"bufferView": 0, "byteOffset": 16, "componentType": 5123},
        "values": {"bufferView": 0, "byteOffset": 20},
    }
    content = base.tobytes() + places.tobytes() + values.tobytes()
    assert read(one_accessor(content, count=4, sparse=sparse))[:, 0].tolist() == [0, 10, 2, 30]
    file = one_accessor(content, count=4, sparse=sparse)
    del file.document["accessors"][0]["bufferView"]
    assert read(file)[:, 0].tolist() == [0, 10, 0, 30]


@pytest.mark.parametrize("dtype", ["f4", "i1", "u1", "i2", "u2", "u4"])
def test_what_was_appended_is_read_again(dtype):
    appender = GltfAppender(empty_gltf("tests"))
    rows = np.array([[1, 2, 3], [7, 5, 6]], dtype)
    appender.add_accessor(rows, bounds=True)
    appender.add_accessor(rows[:, 0], normalized=True, target=34962)
    file = parse_gltf(PATH, appender.to_glb())
    assert read(file, "VEC3").tolist() == rows.tolist()
    assert AccessorReader(file).read_raw(1, "SCALAR", "a test").tolist() == [[1], [7]]
    assert file.document["accessors"][0]["max"] == [7, 5, 6]


def test_several_accessors_share_a_view():
    appender = GltfAppender(empty_gltf("tests"))
    parts = np.arange(6, dtype="f4"), np.arange(4, dtype="f4")
    view = appender.add_view(parts[0].tobytes() + parts[1].tobytes())
    appender.add_accessor(parts[0], view=(view, 0))
    appender.add_accessor(parts[1], view=(view, 24))
    file = parse_gltf(PATH, appender.to_glb())
    assert [read(file, index=index)[:, 0].tolist() for index in (0, 1)] == [part.tolist() for part in parts]
    assert len(file.document["bufferViews"]) == 1


NAN = np.array([0, 1, np.nan, 3], "<f4").tobytes()
ZEROS = bytes(16)
BOMB = {"componentType": 5126, "type": "SCALAR", "count": 2**24}
# name: (file, part of the message)
MALFORMED = {
    "none there": (gltf({}), "a test points to accessors[0], there are 0"),
    "another type": (one_accessor(ZEROS, count=1, type="VEC4"), "has the type 'VEC4', SCALAR is needed"),
    "no type": (one_accessor(ZEROS, count=1, type=None), "has the type None"),
    "no count": (one_accessor(ZEROS), "has count null"),
    "a fraction as count": (one_accessor(ZEROS, count=1.5), "has count 1.5"),
    "an unknown component": (one_accessor(ZEROS, count=1, componentType=5124), "componentType 5124"),
    "a list as component": (one_accessor(ZEROS, count=1, componentType=[1]), "componentType [1]"),
    "beyond its view": (one_accessor(ZEROS, count=5), "needs 20 bytes of a buffer view of 16"),
    "offset beyond its view": (one_accessor(ZEROS, count=1, byteOffset=16), "needs 20 bytes"),
    "a stride beyond its view": (one_accessor(ZEROS, view={"byteStride": 252}, count=2), "needs 256 bytes"),
    "a stride below its size": (one_accessor(ZEROS, view={"byteStride": 2}, count=2), "needs"),
    "a view beyond its buffer": (
        one_accessor(ZEROS, view={"byteOffset": 4}, count=1),
        "ends at byte 20",
    ),
    "a view of no buffer": (one_accessor(ZEROS, view={"buffer": 7}, count=1), "points to buffers[7], there are 1"),
    "a view that there is not": (one_accessor(ZEROS, count=1, bufferView="x"), 'points to bufferViews["x"]'),
    "not finite": (one_accessor(NAN, count=4), "for a test, is not finite, or huge, in element 2"),
    "more than memory": (one_accessor(ZEROS, count=2**31), "more than any recording has"),
    "a bomb of zeros": (
        gltf({"accessors": [BOMB]}),
        "more than any",
    ),
    "compressed": (
        one_accessor(ZEROS, view={"extensions": {"EXT_meshopt_compression": {}}}, count=1),
        "compressed by EXT_meshopt_compression",
    ),
    "sparse of nothing": (one_accessor(ZEROS, count=1, sparse={}), "has no indices"),
    "sparse beyond its elements": (
        one_accessor(
            b"\7" * 16,
            count=1,
            sparse={
                "count": 1,
                "indices": {"bufferView": 0, "componentType": 5121},
                "values": {"bufferView": 0},
            },
        ),
        "replaces an element that there is not",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_accessor_is_refused_in_one_sentence(name):
    file, message = MALFORMED[name]
    with pytest.raises(FormatError) as error:
        read(file)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
