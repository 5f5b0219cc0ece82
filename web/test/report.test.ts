import assert from "node:assert/strict";
import { test } from "node:test";
import { barScale } from "../src/report/bar_scale";
import { bestOf, differenceOf, headlines, verdict } from "../src/report/best";
import type { ColumnData, Interval, ReportData } from "../src/report/data";
import { heights, nearest } from "../src/report/line_chart";
import { codeParts, firstSentence, shown, shownInterval } from "../src/report/words";

const interval = (value: number, low: number | null = value, high: number | null = value): Interval => [
  value,
  low,
  high,
  3,
];

function makeReport(values: Record<string, number | null>, better: ColumnData["better"]): [ReportData, ColumnData] {
  const column: ColumnData = { key: "fpd", title: "FPD", better, metric: "Frechet" };
  const chance: ColumnData = { key: "chance", title: "chance", better: "", metric: "Frechet" };
  const report = {
    real: "real",
    systems: Object.keys(values).map((name) => ({ name, kind: name === "real" ? "data" : "model" })),
    differences: {},
    columns: [chance, column, { ...column, key: "other" }],
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { fpd: [value, null, null, 3] }])),
  };
  return [report as unknown as ReportData, column];
}

test("numbers have three digits that count, and intervals as many decimals as their largest", () => {
  assert.deepEqual(
    [1.2345, 12.345, 1234.5, 0.012345, -2.5, 0, null].map((one) => shown(one)),
    ["1.23", "12.3", "1235", "0.0123", "−2.50", "0", "–"],
  );
  assert.equal(shown(-0.0000123), "−1.23e−5");
  assert.equal(shownInterval([10, 9.5, 11.25, 3]), "9.5 to 11.3");
  assert.equal(shownInterval([0.5, -0.001, 0.9, 3]), "−0.001 to 0.900");
  assert.equal(shownInterval([0.5, null, null, 1]), "");
});

test("a definition is its first sentence and the paragraphs after it", () => {
  const { first, paragraphs } = firstSentence("A mean of e.g. speeds. It is\nlong.\n\nPapers differ.");
  assert.equal(first, "A mean of e.g. speeds.");
  assert.deepEqual(paragraphs, ["It is long.", "Papers differ."]);
  assert.deepEqual(codeParts("of ``a`` and `b`."), ["of ", "a", " and ", "b", "."]);
});

test("the best is lowest, highest or nearest to the data, and never of the data", () => {
  const values = { a: 1, b: 3, c: 5, none: null, real: 4 };
  assert.deepEqual([...bestOf(...makeReport(values, "lower"))], ["a"]);
  assert.deepEqual([...bestOf(...makeReport(values, "higher"))], ["c"]);
  assert.deepEqual([...bestOf(...makeReport(values, "like real"))], ["b", "c"]);
  assert.deepEqual([...bestOf(...makeReport(values, ""))], []);
  assert.deepEqual([...bestOf(...makeReport({ a: 1, real: 0 }, "lower"))], []);
  assert.deepEqual([...headlines(makeReport(values, "lower")[0])], ["fpd"]);
});

test("what is not surely worse is as good as the best, and nothing is where all are", () => {
  const [report, column] = makeReport({ a: 1, b: 3, c: 5, real: 4 }, "lower");
  report.values.b = { fpd: interval(3, 0.9, 4) };
  report.values.a = { fpd: interval(1, 0.5, 1.5) };
  assert.deepEqual([...bestOf(report, column)], ["a", "b"]);
  report.values.c = { fpd: interval(5, 1, 9) };
  assert.deepEqual([...bestOf(report, column)], []);
});

test("the difference of a pair decides what is surely worse, whatever the intervals of both", () => {
  const [report, column] = makeReport({ a: 1, b: 1.2, c: 1.3, real: 1.1 }, "lower");
  report.values = {
    ...report.values,
    a: { fpd: interval(1, 0, 2) },
    b: { fpd: interval(1.2, 0, 2) },
    c: { fpd: interval(1.3, 0, 2) },
  };
  report.differences = { a: { b: { fpd: interval(0.2, 0.1, 0.3) }, c: { fpd: interval(0.3, -0.1, 0.7) } } };
  assert.deepEqual([...bestOf(report, column)], ["a", "c"]);
  assert.equal(verdict(report, column, "b", "a"), "worse");
  assert.equal(verdict(report, column, "a", "b"), "better");
  assert.equal(verdict(report, column, "c", "a"), "");
  assert.equal(verdict(report, column, "b", "c"), "", "they were not compared");
  assert.deepEqual(differenceOf(report, "a", "b", "fpd"), interval(-0.2, -0.3, -0.1));
});

test("what is best near the data is surely worse where all of its interval is farther from them", () => {
  const [report, column] = makeReport({ a: 1, b: 1.5, c: 0.4, real: 1.1 }, "like real");
  const differences = { b: { fpd: interval(0.5, 0.4, 0.6) }, c: { fpd: interval(-0.6, -1.1, 0.3) } };
  report.differences = { a: differences };
  assert.equal(verdict(report, column, "b", "a"), "worse");
  assert.equal(verdict(report, column, "c", "a"), "", "it may be as near");
  differences.b = { fpd: interval(0.1, 0.05, 0.15) };
  assert.equal(verdict(report, column, "b", "a"), "better");
});

test("ticks of large numbers are short", () => {
  const texts = barScale([interval(-152410), interval(22708)]).ticks.map(({ text }) => text);
  assert.ok(texts.includes("−100k"), texts.join());
  assert.deepEqual(
    barScale([interval(-2.4), interval(0.3)]).ticks.map(({ text }) => text),
    ["−2", "−1", "0"],
  );
});

test("bars start at zero where no value is below it", () => {
  const scale = barScale([interval(2, -0.1, 3), interval(4)]);
  assert.equal(scale.hasZero, true);
  assert.equal(scale.at(0), 0);
  assert.ok(scale.at(4) > 90 && scale.at(4) < 100);
  const signed = barScale([interval(-2), interval(-4)]);
  assert.equal(signed.hasZero, false);
  assert.ok(signed.at(-4) > 0 && signed.at(-4) < signed.at(-2) && signed.at(-2) < 100);
});

test("one value far above the others is cut, and many are not", () => {
  const far = barScale([interval(1), interval(2), interval(100)]);
  assert.ok(far.end < 4);
  assert.equal(far.at(100), 100);
  const near = barScale([interval(1), interval(80), interval(100), interval(0)]);
  assert.ok(near.end > 100);
  assert.ok(Number.isFinite(barScale([interval(0)]).at(0)));
});

test("the axis of curves holds the band, and that of densities zero", () => {
  const curve = (y: (number | null)[]) => ({ name: "a", x: y.map((_, index) => index), y, style: "line" as const });
  assert.deepEqual(heights([curve([1, null, 2])], { band: [0, 5] }), [0, 5]);
  assert.deepEqual(heights([curve([1, 2])], { isDensity: true }), [0, 2]);
  assert.deepEqual(heights([curve([3, 3])], {}), [2.5, 3.5]);
  assert.equal(nearest([0, 1, 2], 1.4), 1);
});
