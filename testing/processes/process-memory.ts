import { readFileSync } from 'node:fs';

/** Memory that a process has resident, in MiB (Linux). @throws Error when it has none: such a process has ended */
export function residentMiB(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kibibytes === undefined) throw new Error(`The process ${pid} has no resident memory`);
  return Number(kibibytes) / 1024;
}
