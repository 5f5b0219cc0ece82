/** What Python writes into the page of a report (`reports/content.py`); null is what could not be measured. */

export type Kind = "model" | "dances" | "data";
export type Better = "lower" | "higher" | "like real" | "";

export interface SystemData {
  name: string;
  kind: Kind;
}

export interface ColumnData {
  key: string;
  title: string;
  better: Better;
  metric: string;
}

export interface MetricData {
  group: string;
  text: string;
  source: string;
}

/** Value, both ends of the interval, and the number of recordings. */
export type Interval = [number | null, number | null, number | null, number];

export interface LearningCurve {
  name: string;
  of: string;
  steps: number[];
  minutes: (number | null)[];
  values: number[];
}

export interface LearningPanel {
  title: string;
  better: Better;
  curves: LearningCurve[];
}

export interface DensityData {
  title: string;
  axis: "linear" | "log";
  x: number[];
  curves: Record<string, number[]>;
}

export interface PoseMapData {
  shares: [number, number];
  points: Record<string, [number, number][]>;
}

export interface RoseData {
  shares: number[];
  moments: number;
  lock: number | null;
  phase: number | null;
}

export interface RosesData {
  title: string;
  roses: Record<string, RoseData>;
}

export interface DriftData {
  seconds: number;
  panels: { title: string; curves: Record<string, (number | null)[]>; low: number | null; high: number | null }[];
}

export interface CalibrationPanel {
  title: string;
  x_title: string;
  /** The line on which calibrated models lie. */
  ideal: [number, number][];
  curves: {
    name: string;
    of: string;
    curve: { at: number[]; value: (number | null)[]; low: (number | null)[]; high: (number | null)[] };
  }[];
}

export interface SceneData {
  id: string;
  song: string;
  names: string[];
}

export interface ReportData {
  title: string;
  setting: Record<string, string | number>;
  /** What the data are called among the systems. */
  real: string;
  systems: SystemData[];
  columns: ColumnData[];
  metrics: Record<string, MetricData>;
  values: Record<string, Record<string, Interval>>;
  /** Reference -> system after it -> key of a number with a direction -> by how much it has more, paired over recordings. */
  differences: Record<string, Record<string, Record<string, Interval>>>;
  missing: { system: string; metric: string; reason: string }[];
  learning: LearningPanel[];
  densities: DensityData[];
  poseMap: PoseMapData | null;
  roses: RosesData[];
  calibration: CalibrationPanel[];
  drift: DriftData | null;
  dances: SceneData[];
}

export function readReportData(): ReportData {
  return JSON.parse(document.getElementById("report-data")!.textContent ?? "") as ReportData;
}
