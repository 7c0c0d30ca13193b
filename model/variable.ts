import { z } from 'zod';
import { contract } from '../worker/contract';

/** The name of an environment variable, portable across shells; `__proto__` would be lost in JavaScript. */
export const variableName = z
  .string()
  .regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,252}$/, 'is not the name of an environment variable');

/** The maximum size of an environment variable in Linux, as `variableBytes` counts it (MAX_ARG_STRLEN). */
export const maxVariableBytes = 131_072;

/** The size of an environment variable in bytes: name, `=`, value and a terminating zero. */
export function variableBytes(name: string, value: string): number {
  return Buffer.byteLength(`${name}=${value}`) + 1;
}

/** Whether the container sets a variable itself, or it would change how Node starts. */
export function isReserved(name: string): boolean {
  return [...Object.values<string>(contract.env), 'WORKER_OPERATIONS_PORT', 'NODE_OPTIONS', 'PATH'].includes(name);
}
