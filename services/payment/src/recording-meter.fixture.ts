import type { InstrumentOptions, Labels, Meter } from "@sampan/core/ports";

/** A meter whose values a test can read, by the name and the values of the labels: `refused_total AMOUNT_MISMATCH`. */
export interface RecordingMeter extends Meter {
  value(name: string): number | undefined;
}

export function recordingMeter(): RecordingMeter {
  const values = new Map<string, number>();
  const instrument = ({ name }: InstrumentOptions, labels: Labels = {}) => {
    const key = [name, ...Object.values(labels)].join(" ");
    const set = (value: number): void => void values.set(key, value);
    const add = (amount = 1): void => set((values.get(key) ?? 0) + amount);
    return { set, add, record: add };
  };
  return { counter: instrument, gauge: instrument, histogram: instrument, value: (name) => values.get(name) };
}
