import { isMap, isSeq, parseDocument, YAMLMap } from "yaml";

export type Edited = { readonly text: string } | { readonly problem: string; readonly fix: string };

/**
 * A document whose rollout reaches another percentage of instances; without one it is finished: its settings become those
 * of the document, and it is gone. Comments and order stay, spaces may not. Whether the result is right is not looked at.
 */
export function editRollout(text: string, name: string, percent: string | undefined): Edited {
  const document = parseDocument(text);
  if (document.errors.length > 0) return { problem: "cannot be read", fix: "publish one that is right" };
  const rollouts = document.get("rollouts");
  const items = isSeq(rollouts) ? rollouts.items : [];
  const index = items.findIndex((item) => isMap(item) && item.get("name") === name);
  const rollout = items[index];
  if (!isMap(rollout)) {
    const names = items.flatMap((item) => (isMap(item) ? [String(item.get("name"))] : []));
    return {
      problem: `has no rollout ${name}`,
      fix: names.length > 0 ? `there are ${names.join(", ")}` : "publish one",
    };
  }
  if (percent !== undefined) {
    document.setIn(["rollouts", index, "to", "instances"], percent);
    return { text: String(document) };
  }
  const target = rollout.get("to");
  if (isMap(target) && target.has("tenants")) {
    return {
      problem: `the rollout ${name} is for tenants`,
      fix: "move its settings by hand, and publish the document",
    };
  }
  const settings = rollout.get("settings");
  for (const section of isMap(settings) ? settings.items : []) {
    const { key, value } = section;
    const path = ["settings", String(key)];
    if (!isMap(document.getIn(path))) document.setIn(path, new YAMLMap(document.schema));
    for (const field of isMap(value) ? value.items : []) document.setIn([...path, String(field.key)], field.value);
  }
  document.deleteIn(["rollouts", index]);
  return { text: String(document) };
}
