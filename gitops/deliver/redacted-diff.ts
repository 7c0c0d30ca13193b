import { createTwoFilesPatch } from 'diff';
import { at } from '../../model/json';
import type { Sealed } from '../../model/sealed';
import { withoutSecretHash } from '../../model/secret-name';
import { objectsIn } from './flux/manifests';
import type { FileChange } from './plan';

/** Looks up the sealed values of a server, to describe a ciphertext without showing it. */
export type SealedOf = (server: string) => Sealed;

/**
 * One change as a unified diff without sealed values. Each is replaced by its key, certificate and date, and whether it
 * changed. The hash in the name of their Secret, which changes with every value, is left out as well.
 */
export function redactedDiff({ path, server, before, after }: FileChange, sealedOf: SealedOf): string {
  const old = new Map<string, string>();
  const shownBefore = masked(before ?? '', (key, value) => {
    old.set(key, value);
    return '(sealed value)';
  });
  const shownAfter = masked(after ?? '', (key, value) => {
    if (old.get(key) === value) return '(sealed value)';
    const sealed = server === undefined ? undefined : sealedOf(server).get(key);
    const origin =
      sealed?.ciphertext === value
        ? `certificate ${sealed.certSha256.slice(0, 16)}…, ${sealed.sealedOn}`
        : 'origin unknown';
    return `sealed value${old.has(key) ? ' changed' : ''} (${key}, ${origin})`;
  });
  const name = (text: string | undefined, side: string) => (text === undefined ? '/dev/null' : `${side}/${path}`);
  const names = [name(before, 'a'), name(after, 'b')] as const;
  const patch = createTwoFilesPatch(...names, shownBefore, shownAfter, undefined, undefined, { context: 3 });
  // The first line is a rule of equal signs, which git does not write.
  return patch.split('\n').slice(1).join('\n').trimEnd();
}

/** The fields that hold values of a Secret: sealed, or in plain text in a file that was edited by hand. */
const valueField = /(?<![\w-])(encryptedData|stringData|data)["']?\s*:/;

/** The same for a file with only ExternalSecrets, whose `data` holds references instead of values. */
const valueFieldBesideReferences = /(?<![\w-])(encryptedData|stringData)["']?\s*:/;

/**
 * Masks every value below `encryptedData` and similar fields in any YAML layout, and long base64 anywhere else, because a file
 * that was edited by hand may have one in an unexpected place.
 */
function masked(text: string, describe: (key: string, value: string) => string): string {
  const objects = text.includes('ExternalSecret') ? objectsIn(text) : [];
  const isReferring = objects.length > 0 && objects.every(({ object }) => hasOnlyReferences(object));
  const valueFields = isReferring ? valueFieldBesideReferences : valueField;
  const lines: string[] = [];
  let block: number | undefined;
  let hasValues = false;
  let entry: { indent: number; key: string; value: string } | undefined;
  const close = () => {
    if (entry !== undefined) lines.push(`${' '.repeat(entry.indent)}${entry.key}: ${describe(entry.key, entry.value)}`);
    entry = undefined;
  };
  for (const line of text.split('\n')) {
    const indent = line.search(/\S/);
    if (entry !== undefined && (indent > entry.indent || indent < 0)) {
      entry.value += line.trim();
      continue;
    }
    close();
    // YAML allows a list at the same indentation as its key.
    const isAfterBlock = block !== undefined && indent === block && !/^\s*-(\s|$)/.test(line);
    if (block !== undefined && indent >= 0 && (indent < block || isAfterBlock)) block = undefined;
    const [, key, value = ''] = (block !== undefined && /^\s+["']?([-\w.]+)["']?\s*:(?:\s+(.*))?$/.exec(line)) || [];
    hasValues ||= key !== undefined;
    if (key !== undefined) entry = { indent, key, value: value.trim() };
    else if (block !== undefined && indent >= 0) lines.push(`${' '.repeat(indent)}(line not shown)`);
    else lines.push(maskedLine(line, valueFields));
    if (block === undefined && valueFields.test(line)) block = indent;
  }
  close();
  const shown = lines.join('\n');
  return hasValues ? withoutSecretHash(shown) : shown;
}

/** Whether an object is an ExternalSecret with only references: a template may hold plain values. */
function hasOnlyReferences(object: Readonly<Record<string, unknown>>): boolean {
  const isTemplate = ['data', 'templateFrom'].some((member) => at(object, 'spec', 'target', 'template', member));
  return object.kind === 'ExternalSecret' && object.data === undefined && !isTemplate;
}

/** A line without the inline values after a field that holds them, and without long base64. */
function maskedLine(line: string, valueFields: RegExp): string {
  const found = valueFields.exec(line);
  const end = found === null ? line.length : found.index + found[0].length;
  const rest = /^\s*(#.*)?$/.test(line.slice(end)) ? '' : ' (values not shown)';
  return line.slice(0, end).replace(/[A-Za-z0-9+/]{100,}={0,2}/g, '(base64 not shown)') + rest;
}
