import { loadAll, YAML11_SCHEMA } from 'js-yaml';

/** An object of a file as far as its identity goes, with the rest for those who look closer. */
export interface FoundObject {
  /** `<group>/<kind>/<namespace>/<name>`. */
  readonly identity: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/**
 * The objects of a YAML text as kustomize takes them (5.7): lists taken apart, empty documents skipped. Returns a sentence
 * instead when it would refuse the text, and with it the whole reconciliation that reads it.
 */
export function manifestsOf(text: string): readonly FoundObject[] | string {
  const documents = documentsOf(text);
  if (typeof documents === 'string') return documents;
  const found: FoundObject[] = [];
  for (const document of documents.flatMap(listItems)) {
    const object = objectOf(document);
    if (typeof object === 'string') return object;
    if (object !== undefined) found.push(object);
  }
  return found;
}

/** Every document of a YAML text, or a sentence why it is none. */
export function documentsOf(text: string): readonly unknown[] | string {
  try {
    return loadAll(text, null, { schema: YAML11_SCHEMA });
  } catch (error) {
    const [reason = 'it cannot be parsed'] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `it is not YAML (${reason})`;
  }
}

function listItems(document: unknown): readonly unknown[] {
  if (!isRecord(document) || typeof document.kind !== 'string' || !document.kind.endsWith('List')) return [document];
  return Array.isArray(document.items) ? document.items : [document];
}

function objectOf(document: unknown): FoundObject | string | undefined {
  if (document === null || document === undefined) return undefined;
  if (!isRecord(document)) return 'it holds a document that is no object';
  const { apiVersion, kind, metadata } = document;
  if (typeof kind !== 'string' || kind === '') return 'an object in it has no kind';
  if (typeof apiVersion !== 'string' || apiVersion === '') return `its ${kind} has no apiVersion`;
  const name = isRecord(metadata) ? metadata.name : undefined;
  const namespace = isRecord(metadata) ? metadata.namespace : undefined;
  if (kind.endsWith('List')) return undefined;
  if (typeof name !== 'string' || name === '') return `its ${kind} has no metadata.name`;
  if (hasEmptyItem(document)) return `its ${kind} has an empty item in a list`;
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  const identity = [group, kind, typeof namespace === 'string' ? namespace : '', name].join('/');
  return { identity, object: document };
}

function hasEmptyItem(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => item === null || hasEmptyItem(item));
  return isRecord(value) && Object.values(value).some(hasEmptyItem);
}

/** Whether a value is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
