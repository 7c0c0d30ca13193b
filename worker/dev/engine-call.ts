import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { toolkitNameOf, toolNameOf } from '../catalog/names';
import { contract } from '../contract';
import { type Given, missingVariables, type Needs } from './given';
import { inputsOf } from './inputs';
import { Parameter } from './parameter';

/** A call of a running worker, as written on the command line. */
export interface AskedCall {
  /** The tool in any form: `whoami`, `Whoami`, or with its toolkit, `WeatherAlerts.List`. */
  readonly tool: string;
  /** `name=value` and other forms that `inputsOf` reads. */
  readonly inputs: readonly string[];
  readonly userId: string | undefined;
  /** Secrets and tokens for tools. */
  readonly given: Given;
}

/** The fields of a worker's catalogue that a call needs. */
const Catalogue = z.array(
  z.looseObject({
    name: z.string(),
    toolkit: z.looseObject({ name: z.string() }),
    input: z.looseObject({
      parameters: z.array(Parameter),
    }),
    requirements: z
      .looseObject({
        secrets: z.array(z.looseObject({ key: z.string() })).nullish(),
        authorization: z.looseObject({ provider_id: z.string().nullish(), id: z.string().nullish() }).nullish(),
      })
      .nullish(),
  }),
);

/** A tool in a worker's catalogue. */
export type ListedTool = z.output<typeof Catalogue>[number];

/**
 * Parses the catalogue of a worker.
 * @throws Problem UNREACHABLE when the text is not a catalogue: another program answers at the address
 */
export function catalogueFrom(text: string): readonly ListedTool[] {
  try {
    return Catalogue.parse(JSON.parse(text));
  } catch (cause) {
    const fix = 'check which program answers there; --url names another address';
    throw new Problem('UNREACHABLE', 'Cannot call: the response is not the catalogue of a worker', { fix, cause });
  }
}

/** An Authorization header as an engine signs it, valid for a minute. */
export function authorizationFor(secret: string): string {
  const { algorithm, audience, version } = contract.token;
  return `Bearer ${jwt.sign({ ver: version }, secret, { algorithm, audience, expiresIn: 60 })}`;
}

/**
 * Finds a tool in a catalogue.
 * @param toolkitName the toolkit when the tool is named without one, in source form
 * @throws Problem TOOL-UNKNOWN with the nearest name
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

/** The requirements of a tool in a catalogue. */
export function needsOfListed({ requirements }: Pick<ListedTool, 'requirements'>): Needs {
  const { secrets, authorization } = requirements ?? {};
  return {
    secrets: (secrets ?? []).map(({ key }) => key),
    authorization: authorization?.provider_id ?? authorization?.id ?? undefined,
  };
}

/**
 * The request body of an engine.
 * @throws Problem SECRET-INPUT for missing secrets and tokens; USAGE for inputs that cannot be read
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
  return `${JSON.stringify(head).slice(0, -1)},"inputs":{${inputsOf(tool.name, tool.input.parameters, inputs).join(',')}}}`;
}

function notGiven({ name }: ListedTool, { secrets, authorization }: Needs, missing: readonly string[]): Problem {
  const what = [
    ...(secrets.length > 0 ? [`the secrets ${secrets.join(', ')}`] : []),
    ...(authorization === undefined ? [] : [`a token of ${authorization}`]),
  ];
  return new Problem('SECRET-INPUT', `Cannot call "${name}": it requires ${what.join(' and ')}, and some are missing`, {
    fix: `put ${missing.map((variable) => `${variable}=…`).join(' ')} in front of the command, or name variables with --secret and --token`,
  });
}
