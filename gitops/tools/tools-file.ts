import type { OutputFile } from '../rules/output-file';
import type { Published } from './published';

/** The path of a server's tools file below `dist/`. Outside the roots of the target repositories. */
function toolsPath(server: string): string {
  return `tools/${server}.json`;
}

/** Each server's tools as callers see them, for review: a change in these files is a change for callers. */
export function toolsFiles(byServer: ReadonlyMap<string, Published>): readonly OutputFile[] {
  return [...byServer].map(([server, { toolkit, tools, resources }]) => {
    const text = `${JSON.stringify({ toolkit, tools: tools.map(brief), resources }, null, 2)}\n`;
    return { path: toolsPath(server), text, server };
  });
}

/** A tool without redundant members: those that are null, and the toolkit, which all tools share. */
export function brief<T extends Pick<Published['tools'][number], 'engine'>>({ engine, ...tool }: T) {
  const { toolkit: _, ...own } = engine;
  return withoutNulls({ ...tool, engine: own });
}

/** The same value without null members, at any depth. */
export function withoutNulls<T>(value: T): T;
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}
