import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { toolkitNameOf, toolNameOf } from '../catalog/names';
import { contract } from '../contract';
import { type Given, missingVariables, type Needs } from './given';

/** What a person asks a running worker to do, in the words of the command line. */
export interface AskedCall {
  /** Any form of the name: `whoami`, `Whoami`, or with its toolkit, `WeatherAlerts.List`. */
  readonly tool: string;
  /** `name=value`, read by the type that the catalogue names, or `name:=json`. */
  readonly inputs: readonly string[];
  readonly userId: string | undefined;
  /** What tools may spend. */
  readonly given: Given;
}

/** The part of a worker's catalogue that a call needs. */
const Catalogue = z.array(
  z.looseObject({
    name: z.string(),
    toolkit: z.looseObject({ name: z.string() }),
    input: z.looseObject({
      parameters: z.array(z.looseObject({ name: z.string(), value_schema: z.looseObject({ val_type: z.string() }) })),
    }),
    requirements: z
      .looseObject({
        secrets: z.array(z.looseObject({ key: z.string() })).nullish(),
        authorization: z.looseObject({ provider_id: z.string().nullish(), id: z.string().nullish() }).nullish(),
      })
      .nullish(),
  }),
);

export type ListedTool = z.output<typeof Catalogue>[number];

/**
 * The tools of a worker, out of the text of its catalogue.
 * @throws Problem UNREACHABLE when it is none: something else answers at the address
 */
export function catalogueFrom(text: string): readonly ListedTool[] {
  try {
    return Catalogue.parse(JSON.parse(text));
  } catch (cause) {
    const fix = 'see what answers there; --url names another address';
    throw new Problem('UNREACHABLE', 'Cannot call: what answers is not the catalogue of a worker', { fix, cause });
  }
}

/** An authorization as an engine signs it, good for a minute. */
export function authorizationFor(secret: string): string {
  const { algorithm, audience, version } = contract.token;
  return `Bearer ${jwt.sign({ ver: version }, secret, { algorithm, audience, expiresIn: 60 })}`;
}

/**
 * The tool that is meant.
 * @param toolkitName used when the tool is named without one, in source form
 * @throws Problem TOOL-UNKNOWN with the name that was probably meant
 */
export function toolIn(catalogue: readonly ListedTool[], asked: string, toolkitName: string): ListedTool {
  const [name = '', toolkit = toolkitNameOf(toolkitName)] = asked.split('.').reverse();
  const wanted = toolNameOf(name).toLowerCase();
  const found = catalogue.find(
    (tool) => tool.name.toLowerCase() === wanted && tool.toolkit.name.toLowerCase() === toolkit.toLowerCase(),
  );
  if (found !== undefined) return found;
  const names = catalogue.map((tool) => tool.name);
  const meant = nearest(toolNameOf(name), names);
  throw new Problem('TOOL-UNKNOWN', `Cannot call "${asked}": the worker has no such tool`, {
    fix: meant === undefined ? `choose one of: ${names.join(', ')}` : `write "${meant}"`,
  });
}

/** What a tool of a catalogue requires. */
export function needsOfListed({ requirements }: Pick<ListedTool, 'requirements'>): Needs {
  const { secrets, authorization } = requirements ?? {};
  return {
    secrets: (secrets ?? []).map(({ key }) => key),
    authorization: authorization?.provider_id ?? authorization?.id ?? undefined,
  };
}

/**
 * The body that an engine would send. Values that are JSON are sent letter by letter, because reading them would round
 * numbers above 2^53.
 * @throws Problem SECRET-INPUT for what the tool requires and nobody gave; USAGE for an input that is not `name=value`, is
 * there twice, or whose value is broken JSON
 */
export function engineBody(tool: ListedTool, { inputs, userId, given }: AskedCall): string {
  const needs = needsOfListed(tool);
  const missing = missingVariables(needs, given);
  if (missing.length > 0) throw notGiven(tool, needs, missing);
  const { secrets, authorization } = needs;
  const head = {
    execution_id: `call-${Date.now()}`,
    tool: { name: tool.name, toolkit: tool.toolkit.name },
    context: {
      user_id: userId ?? null,
      secrets: secrets.map((key) => ({ key, value: given.secretOf(key) ?? '' })),
      ...(authorization === undefined ? {} : { authorization: { token: given.tokenOf(authorization) ?? '' } }),
    },
  };
  return `${JSON.stringify(head).slice(0, -1)},"inputs":{${inputsOf(tool, inputs).join(',')}}}`;
}

function notGiven({ name }: ListedTool, { secrets, authorization }: Needs, missing: readonly string[]): Problem {
  const what = [
    ...(secrets.length > 0 ? [`the secrets ${secrets.join(', ')}`] : []),
    ...(authorization === undefined ? [] : [`a token of ${authorization}`]),
  ];
  return new Problem('SECRET-INPUT', `Cannot call "${name}": it requires ${what.join(' and ')}, and not all is given`, {
    fix: `put ${missing.map((variable) => `${variable}=…`).join(' ')} in front of the command, or name variables with --secret and --token`,
  });
}

/** The inputs as members of a JSON object. */
function inputsOf(tool: ListedTool, texts: readonly string[]): readonly string[] {
  const types = new Map(tool.input.parameters.map(({ name, value_schema }) => [name, value_schema.val_type]));
  const entries = texts.map((text) => inputOf(text, types));
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Problem('USAGE', `Cannot take "${twice}" twice`, { fix: 'give it once' });
  return entries.map(([name, json]) => `${JSON.stringify(name)}:${json}`);
}

/** `name=text`, `name={…}` where the parameter is no text, and `name:=json` whatever it is. */
function inputOf(text: string, types: ReadonlyMap<string, string>): readonly [name: string, json: string] {
  const [, name, colon, value] = /^([^=]+?)(:?)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new Problem('USAGE', `Cannot read "${text}"`, { fix: 'write name=value, and flags after `npm run call --`' });
  const isJson = colon === ':' || (types.get(name) !== 'string' && /^[[{]/.test(value));
  if (!isJson) return [name, JSON.stringify(value)];
  try {
    JSON.parse(value);
    return [name, value];
  } catch {
    throw new Problem('USAGE', `Cannot read the value of "${name}": it is to be JSON and is none`, {
      fix: 'put quotes around the whole of it, and check its brackets; text in JSON has quotes of its own',
    });
  }
}
