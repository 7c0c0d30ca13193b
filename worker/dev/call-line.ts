import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { shellWord } from '../../cli/shell-word';
import type { ExampleCall } from './example-call';
import { inputsOf } from './inputs';
import { Parameter } from './parameter';

/**
 * The command line that makes a call with `npm run call`. Values of secrets and tokens are left open: `TOOL_SECRET_KEY=…`.
 * @param server its name. @default - the only server
 */
export function callLine({ tool, input, parameters, variables }: ExampleCall, server?: string): string {
  const known = z.array(Parameter).parse(parameters);
  const words = Object.entries(input).map(([name, value]) => inputWord(name, value, known));
  const named = server === undefined ? [tool] : [server, tool];
  const line = `npm run call -- ${[...named, ...words].map(shellWord).join(' ')}`;
  return [...variables.map((variable) => `${variable}=…`), line].join(' ');
}

/** `name=value` if that is read as this value, otherwise `name:=json`. */
function inputWord(name: string, value: unknown, parameters: readonly Parameter[]): string {
  const json = JSON.stringify(value);
  const word = `${name}=${typeof value === 'string' ? value.replace(/^@/, '@@') : json}`;
  const own = parameters.filter((parameter) => parameter.name === name);
  return isDeepStrictEqual(readBack(word, own), { [name]: value }) ? word : `${name}:=${json}`;
}

function readBack(word: string, parameters: readonly Parameter[]): unknown {
  try {
    return JSON.parse(`{${inputsOf('', parameters, [word]).join(',')}}`);
  } catch {
    // This form does not fit the parameter.
    return undefined;
  }
}
