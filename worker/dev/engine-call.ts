import jwt from 'jsonwebtoken';
import { nearest } from '../../model/nearest';
import { Problem } from '../../model/problem';
import { toolkitNameOf, toolNameOf } from '../catalog/names';
import { contract } from '../contract';

/** What a person asks a running worker to do, in the words of the command line. */
export interface AskedCall {
  /** Any form of the name: `whoami`, `Whoami`, or with its toolkit, `WeatherAlerts.List`. */
  readonly tool: string;
  /** `name=value`; a value that begins with `{` or `[` is JSON, everything else text, which the worker reads leniently. */
  readonly inputs: readonly string[];
  readonly userId: string | undefined;
  /** What the tool requires, by key. @default - nothing */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * The request an engine would send.
 * @param toolkitName used when the tool is named without one, in source form
 * @throws Problem USAGE for an input that is not `name=value`, is there twice, or whose value is broken JSON
 */
export function engineRequest(
  { tool, inputs, userId, secrets = {} }: AskedCall,
  { secret, toolkitName }: { readonly secret: string; readonly toolkitName: string },
) {
  const [name = '', toolkit = toolkitNameOf(toolkitName)] = tool.split('.').reverse();
  const token = jwt.sign({ ver: contract.token.version }, secret, {
    algorithm: contract.token.algorithm,
    audience: contract.token.audience,
    expiresIn: 60,
  });
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      execution_id: `call-${Date.now()}`,
      tool: { name: toolNameOf(name), toolkit },
      inputs: inputsOf(inputs),
      context: {
        user_id: userId ?? null,
        secrets: Object.entries(secrets).map(([key, value]) => ({ key, value })),
      },
    }),
  };
}

/**
 * The address of a worker, as a person gave it.
 * @throws Problem USAGE for anything but an http or https URL
 */
export function workerUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new Problem('USAGE', `Cannot use --url "${text}": it is no address`, {
    fix: `write it as http://127.0.0.1:${contract.port}`,
  });
}

/** What to tell somebody whose tool the worker does not have. @param catalogue what it answers when asked for its tools */
export function unknownTool(tool: string, catalogue: readonly { readonly name: string }[]): Problem {
  const names = catalogue.map(({ name }) => name);
  const meant = nearest(toolNameOf(tool), names);
  return new Problem('TOOL-UNKNOWN', `Cannot call "${tool}": the worker has no such tool`, {
    fix: meant === undefined ? `choose one of: ${names.join(', ')}` : `write "${meant}"`,
  });
}

function inputsOf(texts: readonly string[]): Readonly<Record<string, unknown>> {
  const entries = texts.map(inputOf);
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Problem('USAGE', `Cannot take "${twice}" twice`, { fix: 'give it once' });
  return Object.fromEntries(entries);
}

function inputOf(text: string): readonly [string, unknown] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new Problem('USAGE', `Cannot read "${text}"`, { fix: 'write name=value, and flags after `npm run call --`' });
  if (!/^[[{]/.test(value)) return [name, value];
  try {
    return [name, JSON.parse(value)];
  } catch {
    throw new Problem('USAGE', `Cannot read the value of "${name}": it begins like JSON and is none`, {
      fix: 'put quotes around the whole of name=value, and check its brackets',
    });
  }
}
