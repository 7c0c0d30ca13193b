import type { Published } from './published';
import { resourceChanges } from './resource-changes';
import { type SchemaChange, schemaChanges } from './schema-changes';
import { canonical, isObject, type Schema, typesOf } from './schema-parts';
import { brief } from './tools-file';

/** One difference that callers of a tool may notice. */
export interface ToolChange {
  /** The published name of the tool, without the toolkit. */
  readonly tool: string;
  /** The path, such as `input.city` or `secrets`; empty for the tool itself. */
  readonly path: string;
  readonly what: string;
  /** `breaking`: a call that worked may fail. `addition`: something new. `wording`: only text for people and models. */
  readonly level: 'breaking' | 'addition' | 'wording';
}

type Tool = Published['tools'][number];

/** Every difference between two states of a server's tools. */
export function toolChanges(before: Published, after: Published): readonly ToolChange[] {
  const [from, to] = [byName(before), byName(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  const changes: ToolChange[] = names.flatMap((name): readonly ToolChange[] => {
    const [old, now] = [from.get(name), to.get(name)];
    if (old === undefined) return [{ tool: name, path: '', what: 'is new', level: 'addition' }];
    if (now !== undefined) return changesOf(old, now);
    const renamed = after.tools.find((other) => !from.has(other.name) && isAlike(old, other));
    const what = renamed === undefined ? 'was removed' : `was renamed to ${renamed.name}`;
    return [{ tool: name, path: '', what, level: 'breaking' }];
  });
  changes.push(...resourceChanges(before, after));
  if (before.toolkit.description === after.toolkit.description) return changes;
  return [...changes, { tool: '', path: '', what: 'the server has a different description', level: 'wording' }];
}

function byName({ tools }: Published): ReadonlyMap<string, Tool> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}

/** Whether two tools differ only in their names. */
function isAlike(one: Tool, other: Tool): boolean {
  const body = ({ engine, mcp }: Tool) => [engine.description, mcp.inputSchema, mcp.outputSchema, engine.requirements];
  return canonical(body(one)) === canonical(body(other));
}

function changesOf(before: Tool, after: Tool): readonly ToolChange[] {
  const tool = after.name;
  const changes = [
    ...schemaChanges(inputOf(before), inputOf(after)).map(({ path, what, effect }) => {
      return { tool, path: placed('input', path), what, level: ofInput[effect] };
    }),
    ...resultChanges(before, after),
    ...needChanges(before, after),
    ...promiseChanges(before, after),
    ...wordChanges(before, after),
  ];
  if (changes.length > 0 || canonical(brief(before)) === canonical(brief(after))) return changes;
  return [{ tool, path: '', what: 'has different details', level: 'wording' }];
}

type Levels = Readonly<Record<SchemaChange['effect'], ToolChange['level']>>;

const always = { both: 'breaking', removed: 'breaking', optional: 'addition', wording: 'wording' } as const;
/** Callers write the input: accepting fewer values breaks them, accepting more is an addition. */
const ofInput: Levels = {
  ...always,
  ...({ narrowed: 'breaking', widened: 'addition', required: 'breaking', default: 'addition' } as const),
};
/** Callers read the result: more possible values break them; fewer values or new members are an addition. */
const ofResult: Levels = {
  ...always,
  ...({ narrowed: 'addition', widened: 'breaking', required: 'addition', default: 'wording' } as const),
};

function placed(side: string, path: string): string {
  return path.startsWith('[') || path === '' ? `${side}${path}` : `${side}.${path}`;
}

function resultChanges(before: Tool, after: Tool): readonly ToolChange[] {
  const [old, now] = [outputOf(before), outputOf(after)];
  const tool = after.name;
  if (old !== undefined && now !== undefined) {
    return schemaChanges(old, now).map(({ path, what, effect }) => {
      return { tool, path: placed('output', path), what, level: ofResult[effect] };
    });
  }
  if (old === now) return [];
  const isNew = old === undefined;
  const what = isNew ? 'is new: the tool had no result' : 'was removed: the tool no longer has a result';
  return [{ tool, path: 'output', what, level: isNew ? 'addition' : 'breaking' }];
}

/** The input schema of MCP clients, with what only the engine's entry has: which values a model must not guess. */
function inputOf({ mcp, engine }: Tool): Schema {
  const schema = isObject(mcp.inputSchema) ? mcp.inputSchema : {};
  const members = { ...(isObject(schema.properties) ? schema.properties : {}) };
  for (const parameter of listAt(engine, 'input', 'parameters')) {
    const name = String(at(parameter, 'name'));
    const member = members[name];
    if (at(parameter, 'inferrable') === false && isObject(member)) members[name] = { ...member, inferrable: false };
  }
  return { ...schema, properties: members };
}

/** The output schema of MCP clients, with what only the engine's entry has: whether the result may be null. */
function outputOf({ mcp, engine }: Tool): Schema | undefined {
  const { outputSchema: schema } = mcp;
  if (!isObject(schema)) return undefined;
  const { properties } = schema;
  const result = isObject(properties) ? properties.result : undefined;
  if (!isObject(result) || !listAt(engine, 'output', 'available_modes').includes('null')) return schema;
  const isNullable = result.type === undefined || typesOf(result).includes('null');
  const orNull = isNullable ? result : { ...result, type: [result.type, 'null'].flat() };
  return { ...schema, properties: { ...(isObject(properties) ? properties : {}), result: orNull } };
}

function needChanges(before: Tool, after: Tool): readonly ToolChange[] {
  const needs = ({ engine }: Tool) => at(engine, 'requirements');
  const kinds = [
    ['secrets', (tool: Tool) => keysAt(needs(tool), 'secrets')],
    ['metadata', (tool: Tool) => keysAt(needs(tool), 'metadata')],
    ['authorization', (tool: Tool) => providerOf(at(needs(tool), 'authorization'))],
    ['scopes', (tool: Tool) => listAt(needs(tool), 'authorization', 'oauth2', 'scopes').map(String)],
  ] as const;
  const { name: tool } = after;
  return kinds.flatMap(([path, read]) => {
    const [old, now] = [read(before), read(after)];
    return [
      ...now
        .filter((key) => !old.includes(key))
        .map((key) => ({ tool, path, what: `now needs ${key}`, level: 'breaking' as const })),
      ...old
        .filter((key) => !now.includes(key))
        .map((key) => ({ tool, path, what: `no longer needs ${key}`, level: 'addition' as const })),
    ];
  });
}

/** The provider by name or by its id in the dashboard; none without an authorization. */
function providerOf(authorization: unknown): readonly string[] {
  if (!isObject(authorization)) return [];
  return [String(authorization.provider_id ?? `the provider with the id ${authorization.id}`)];
}

/** Promises that let clients skip a confirmation: withdrawing one is breaking, a new one is an addition. */
function promiseChanges(before: Tool, after: Tool): readonly ToolChange[] {
  const promises = { read_only: true, idempotent: true, destructive: false, open_world: false } as const;
  return Object.entries(promises).flatMap(([name, promised]): readonly ToolChange[] => {
    const [old, now] = [before, after].map(({ engine }) => at(engine, 'metadata', 'behavior', name) === promised);
    if (old === now) return [];
    const what = now ? `is now ${promised}` : `is no longer declared ${promised}`;
    return [{ tool: after.name, path: `behavior.${name}`, what, level: now ? 'addition' : 'breaking' }];
  });
}

function wordChanges({ engine: before }: Tool, { engine: after, name: tool }: Tool): readonly ToolChange[] {
  const changes: ToolChange[] = [];
  const [old, now] = [before, after].map((entry) => at(entry, 'deprecation_message'));
  if (old === undefined && now !== undefined)
    changes.push({ tool, path: '', what: `is deprecated: ${now}`, level: 'addition' });
  else if (old !== now)
    changes.push({
      tool,
      path: '',
      what: 'is no longer deprecated, or has a different deprecation message',
      level: 'wording',
    });
  if (at(before, 'description') !== at(after, 'description'))
    changes.push({ tool, path: '', what: 'has a different description', level: 'wording' });
  return changes;
}

/** The value at a path of members; undefined for null. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), value) ?? undefined;
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

function keysAt(value: unknown, name: string): readonly string[] {
  return listAt(value, name).map((item) => String(at(item, 'key')));
}
