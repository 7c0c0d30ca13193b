/** Deeper than any argument of a tool. V8 takes half a second for 4 MiB of brackets, and everybody waits (Node 20.20). */
const maxDepth = 500;
/** Below this a body cannot hold anybody up. */
const smallBytes = 32 * 1024;

/** Whether JSON is nested deeper than it is worth reading; 4 MiB are looked through in 15 ms. */
export function isTooDeep(json: Uint8Array): boolean {
  if (json.length < smallBytes) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (isText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) isText = false;
    } else if (byte === 0x22) isText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}
