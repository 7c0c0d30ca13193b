import type { Callable } from './call';
import { confirmed, mayAsk } from './confirm';
import { type DefinedTool, fieldErrors, isDefinedTool } from './define-tool';
import type { Described } from './described';
import { engineEntry } from './engine-entry';
import { mcpEntry } from './mcp-entry';
import { isToolName, modelNames, toolNameOf, toolNameRule } from './names';
import { readerOf } from './reader';
import { type Field, fieldOf, type Member } from './shape';
import { timeErrors, withinTime } from './time-limit';

/** One tool, with everything that a call or a listing needs prepared. */
export interface Tool extends Described, Callable {
  /** True when it requires secrets or an authorization. Anonymous MCP callers must not call it. */
  readonly needsCredentials: boolean;
  /** Its entry in the engine's catalogue. */
  readonly engine: ReturnType<typeof engineEntry>;
  /** Its entry in the MCP tool list. */
  readonly mcp: ReturnType<typeof mcpEntry>;
  /** The tool for MCP clients. A NaN or infinite result fails there, because the output schema promises a number. */
  readonly overMcp: Callable;
}

/**
 * Prepares one tool.
 * @param name its name in the source
 * @param separator between toolkit and tool in the fully qualified name
 * @param pageUri resolves `ui` to the page's URI; throws if the page cannot be shown. @default - there are no pages
 * @throws Error that lists everything wrong with the definition
 */
export function prepare(
  name: string,
  definition: unknown,
  toolkit: Described['toolkit'],
  separator: string,
  pageUri: (name: string) => string = noPages,
): Tool {
  if (!isToolName(name)) throw new Error(`the file name is not a valid tool name; use ${toolNameRule}`);
  if (definition === undefined) throw new Error('there is no default export; write export default defineTool({ … })');
  if (!isDefinedTool(definition)) throw new Error('the default export is not the result of defineTool');
  // The compiler rejects all of these, but the bundler does not type-check.
  if (definition.input === undefined)
    throw new Error('`input` is missing; for a tool without parameters write z.strictObject({})');
  if (definition.input._zod?.def.type !== 'object')
    throw new Error('the input is not an object schema; write z.strictObject({ … })');
  if (definition.input.def.catchall?._zod.def.type === 'unknown')
    throw new Error('the input is an open object; use z.strictObject');
  if (typeof definition.run !== 'function') throw new Error('`run` is missing: the function that implements the tool');
  const input = absentAsNull(fieldOf(definition.input, ''));
  const output = resultOf(definition);
  const wireName = toolNameOf(name);
  const described: Described = {
    name,
    wireName,
    qualifiedName: `${toolkit.name}${separator}${wireName}`,
    mcpName: `${toolkit.name}_${wireName}`,
    toolkit,
    definition,
    input: membersOf(input),
    output,
    pageUri: definition.ui === undefined ? undefined : pageUri(definition.ui),
  };
  const errors = [...definitionErrors(definition, described.input), ...nameErrors(described)];
  if (errors.length > 0) throw new Error(errors.join('; '));
  const run = confirmed(definition, described.mcpName);
  const callable: Callable = {
    name,
    deprecated: definition.deprecated,
    mayAsk: mayAsk(definition),
    readInputs: readerOf(input, 'inputs'),
    readResult: output === undefined ? undefined : readerOf(output, 'results'),
    run: withinTime({ ...definition, run }),
  };
  return Object.freeze({
    ...described,
    ...callable,
    needsCredentials:
      (definition.requires?.secrets ?? []).length > 0 || definition.requires?.authorization !== undefined,
    engine: deepFreeze(engineEntry(described)),
    mcp: deepFreeze(mcpEntry(described)),
    overMcp: Object.freeze({
      ...callable,
      // The dispatcher enforces the time limit, because it tracks calls that outlive theirs.
      run,
      readResult: output === undefined ? undefined : readerOf(output, 'results', { rejectsNonFinite: true }),
    }),
  });
}

function noPages(name: string): string {
  throw new Error(`\`ui\` names the resource "${name}", but the server has no resources`);
}

/** Errors that the types cannot express, one sentence each. */
function definitionErrors(definition: DefinedTool, input: readonly Member[]): readonly string[] {
  const { description, examples, behavior = {}, serviceDomains, requires = {}, confirm } = definition;
  const changes = (behavior.operations ?? []).filter((operation) => operation !== 'read');
  const all: readonly (readonly [isWrong: boolean, error: string])[] = [
    [isMissing(description), 'the description is missing; models choose a tool by it'],
    [!isMissing(description) && description.trim() === '', 'the description is empty'],
    ...input.map(
      ({ name, description: text }) =>
        [(text ?? '').trim() === '', `the parameter "${name}" has no description; add .describe('…')`] as const,
    ),
    [isMissing(examples) || examples.length === 0, 'there is no example; a tool needs at least one'],
    [behavior.readOnly === true && confirm !== undefined && confirm !== false, '`readOnly` contradicts `confirm`'],
    [behavior.readOnly === true && changes.length > 0, `\`readOnly\` contradicts the operations ${changes.join(', ')}`],
    [
      behavior.destructive === false && changes.includes('delete'),
      'the operation delete contradicts `destructive: false`',
    ],
    [
      behavior.openWorld === false && (serviceDomains ?? []).length > 0,
      'a service domain contradicts `openWorld: false`',
    ],
    [
      (requires.metadata ?? []).includes('client_id') && requires.authorization === undefined,
      'the metadata client_id requires an authorization',
    ],
  ];
  return [
    ...all.filter(([isWrong]) => isWrong).map(([, error]) => error),
    ...timeErrors(definition),
    ...fieldErrors(definition),
  ];
}

/** Errors for names that model APIs reject: one bad name fails the whole request. */
function nameErrors({ mcpName, input }: Described): readonly string[] {
  const isLong = mcpName.length > modelNames.length;
  const keys = keysIn(input).filter((key) => !modelNames.key.test(key));
  return [
    ...(isLong ? [`its MCP name ${mcpName} has ${mcpName.length} characters; ${modelNames.rule}`] : []),
    ...keys.map((key) => `model APIs reject the parameter name "${key}": ${modelNames.keyRule}`),
  ];
}

/** The names of all members of the input, at any depth. */
function keysIn(members: readonly Member[]): readonly string[] {
  return members.flatMap((member) => [member.name, ...keysWithin(member)]);
}

function keysWithin({ shape }: Field): readonly string[] {
  switch (shape.kind) {
    case 'object':
      return keysIn(shape.members);
    case 'list':
      return keysWithin(shape.item);
    case 'variants':
      return shape.variants.flatMap(({ field }) => keysWithin(field));
    case 'map':
      return [
        ...(shape.key?.shape.kind === 'choice' ? shape.key.shape.values : []),
        ...(shape.value === undefined ? [] : keysWithin(shape.value)),
      ];
    default:
      return [];
  }
}

/** The compiler rejects a missing field, but the bundler does not type-check. */
function isMissing(field: unknown): boolean {
  return field === undefined || field === null;
}

/** A nullable parameter may be omitted (arcade-mcp-server 1.26.0); a nullable member of a nested object may not. */
function absentAsNull(input: Field): Field {
  if (input.shape.kind !== 'object') return input;
  const members = input.shape.members.map((member) =>
    member.nullable && member.required ? { ...member, required: false, absentIsNull: true } : member,
  );
  return { ...input, shape: { ...input.shape, members } };
}

function resultOf({ output }: DefinedTool): Field | undefined {
  if (output === undefined || output._zod.def.type === 'void') return undefined;
  const field = fieldOf(output, 'result');
  // A result is always sent: an optional one becomes null.
  return field.layers.some(({ kind }) => kind === 'optional') ? { ...field, nullable: true } : field;
}

function membersOf({ shape }: Field): readonly Member[] {
  return shape.kind === 'object' ? shape.members : [];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
