import { z } from 'zod';
import { contract } from '../worker/contract';

/** The name of an environment variable, as every shell and program can read it; `__proto__` would get lost on the way. */
export const variableName = z
  .string()
  .regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,252}$/, 'is not the name of an environment variable');

/** What one variable may take, in bytes, as `variableBytes` counts: Linux starts no program with more (MAX_ARG_STRLEN). */
export const maxVariableBytes = 131_072;

/** The bytes of a variable in the environment of a program: name, `=`, value, and a zero at the end. */
export function variableBytes(name: string, value: string): number {
  return Buffer.byteLength(`${name}=${value}`) + 1;
}

/** What the container sets by itself, and what would change how Node starts. */
export function isReserved(name: string): boolean {
  return [...Object.values<string>(contract.env), 'WORKER_OPERATIONS_PORT', 'NODE_OPTIONS', 'PATH'].includes(name);
}
