export { type RecordedCall, readRecordedCall } from "./recorded-call.js";
export { Recorder, type RecorderOptions } from "./recorder.js";
