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

/** One tool with everything prepared that a call or a list needs. */
export interface Tool extends Described, Callable {
  /** True when it requires secrets or an authorization: not to be called by strangers over MCP. */
  readonly hasNeeds: boolean;
  /** Its entry in the engine's catalogue. */
  readonly engine: ReturnType<typeof engineEntry>;
  /** Its entry in the list of MCP tools. */
  readonly mcp: ReturnType<typeof mcpEntry>;
  /** The tool for MCP clients: a number that JSON has no word for is a failure to them, for they were told of a number. */
  readonly overMcp: Callable;
}

/**
 * Prepares one tool.
 * @param name its name in the source
 * @param separator between toolkit and tool in the fully qualified name
 * @param pageUri the address of the page that a tool names; throws for one that cannot be shown. @default - there are no pages
 * @throws Error that says what is wrong with it
 */
export function prepare(
  name: string,
  definition: unknown,
  toolkit: Described['toolkit'],
  separator: string,
  pageUri: (name: string) => string = noPages,
): Tool {
  if (!isToolName(name)) throw new Error(`the file name is not a tool name; use ${toolNameRule}`);
  if (definition === undefined) throw new Error('there is no default export; write export default defineTool({ … })');
  if (!isDefinedTool(definition)) throw new Error('the default export is not the result of defineTool');
  // The bundle is made without the compiler, which would refuse all of these.
  if (definition.input === undefined)
    throw new Error('there is no input; a tool without parameters has z.strictObject({})');
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
    hasNeeds: (definition.requires?.secrets ?? []).length > 0 || definition.requires?.authorization !== undefined,
    engine: deepFreeze(engineEntry(described)),
    mcp: deepFreeze(mcpEntry(described)),
    overMcp: Object.freeze({
      ...callable,
      // The dispatcher sees to the time, because it counts what goes on after it.
      run,
      readResult: output === undefined ? undefined : readerOf(output, 'results', { refusesGaps: true }),
    }),
  });
}

function noPages(name: string): string {
  throw new Error(`\`ui\` names the resource "${name}", and there are no resources`);
}

/** What is wrong with a definition that its types cannot express, one sentence each. */
function definitionErrors(definition: DefinedTool, input: readonly Member[]): readonly string[] {
  const { description, examples, behavior = {}, serviceDomains, requires = {}, confirm } = definition;
  const changes = (behavior.operations ?? []).filter((operation) => operation !== 'read');
  const all: readonly (readonly [isWrong: boolean, error: string])[] = [
    [isMissing(description), 'there is no description; say what the tool does, for a model that has to choose'],
    [!isMissing(description) && description.trim() === '', 'the description is empty'],
    ...input.map(
      ({ name, description: text }) =>
        [(text ?? '').trim() === '', `the parameter "${name}" has no description; add .describe('…')`] as const,
    ),
    [isMissing(examples) || examples.length === 0, 'there is no example; a tool needs at least one'],
    [behavior.readOnly === true && confirm !== undefined && confirm !== false, 'read only contradicts `confirm`'],
    [behavior.readOnly === true && changes.length > 0, `read only contradicts the operations ${changes.join(', ')}`],
    [
      behavior.destructive === false && changes.includes('delete'),
      'the operation delete contradicts "not destructive"',
    ],
    [behavior.openWorld === false && (serviceDomains ?? []).length > 0, 'a service domain contradicts a closed world'],
    [
      (requires.metadata ?? []).includes('client_id') && requires.authorization === undefined,
      'the metadata client_id needs an authorization',
    ],
  ];
  return [
    ...all.filter(([isWrong]) => isWrong).map(([, error]) => error),
    ...timeErrors(definition),
    ...fieldErrors(definition),
  ];
}

/** Names that APIs of models refuse, and with them every tool of a request. */
function nameErrors({ mcpName, input }: Described): readonly string[] {
  const long = mcpName.length > modelNames.length;
  const keys = keysIn(input).filter((key) => !modelNames.key.test(key));
  return [
    ...(long ? [`its name for MCP clients, ${mcpName}, has ${mcpName.length} letters, and ${modelNames.rule}`] : []),
    ...keys.map((key) => `the parameter "${key}" cannot be sent to a model: ${modelNames.keyRule}`),
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

/** The bundle is made without the compiler, which would refuse a missing field. */
function isMissing(field: unknown): boolean {
  return field === undefined || field === null;
}

/** A parameter that may be null need not be sent (arcade-mcp-server 1.26.0); a member of an object has to be. */
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
  // A result is always sent: one that may be left out is null then.
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
