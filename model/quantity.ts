import type { z } from 'zod';
import { rule } from './schema-problems';

/** What a container asks for and may use, by the resource's name. */
export interface Resources {
  readonly requests?: Amounts | undefined;
  readonly limits?: Amounts | undefined;
}

type Amounts = Readonly<Record<string, string | undefined>>;

/** Why an amount cannot be used, as a rule reports it, and what to do. */
interface Fault {
  readonly found: string;
  readonly fix: string;
}

/**
 * Reports every amount that is not one of its resource, and every request above its limit, which an API server refuses
 * (ValidateContainerResourceRequirements of Kubernetes 1.36.3).
 * @param path where the resources stand in what is parsed. @default - they are what is parsed
 */
export function resourcesRule(
  resources: Resources,
  context: z.core.$RefinementCtx,
  path: readonly string[] = [],
): void {
  for (const kind of ['requests', 'limits'] as const) {
    for (const [name, text] of Object.entries(resources[kind] ?? {})) {
      const fault = text === undefined ? undefined : (quantityFault(name, text) ?? tooSmall(kind, name, text));
      if (fault !== undefined) rule(context, 'SERVER-FIELD', fault.found, fault.fix, [...path, kind, name]);
    }
  }
  for (const [name, text = ''] of Object.entries(resources.requests ?? {})) {
    const [request, limit] = [nanoOf(text), nanoOf(resources.limits?.[name] ?? '')];
    if (request === undefined || limit === undefined || request <= limit) continue;
    const found = `is above the limit "${resources.limits?.[name]}", which no API server takes`;
    rule(context, 'SERVER-FIELD', found, 'raise the limit, or ask for less', [...path, 'requests', name]);
  }
}

/**
 * Why a text is no amount of a resource; undefined when it is one. The CPU is counted in cores, memory and disk in bytes,
 * anything else, such as a device, in whole numbers.
 */
export function quantityFault(resource: string, text: string): Fault | undefined {
  if (resource === 'cpu') return faultOfCores(text);
  return /^(memory|ephemeral-storage|hugepages-.+)$/.test(resource) ? faultOfBytes(text) : faultOfCount(text);
}

function faultOfCores(text: string): Fault | undefined {
  const fix = 'write cores, such as "50m" or "1.5"';
  const [nano, [, , suffix = ''] = []] = [nanoOf(text), quantityForm.exec(text) ?? []];
  if (nano === undefined) return { found: 'is not a number of cores', fix };
  if (/^([kMGTPE]|.i)$/.test(suffix)) return { found: 'is an amount of bytes, and CPU is counted in cores', fix };
  if (nano <= 0n) return { found: 'is not above 0', fix };
  if (nano % nanoPerMilli !== 0n) return { found: 'is finer than a thousandth of a core, the least that counts', fix };
  return nano > mostNano ? { found: 'is more than Kubernetes can count', fix } : undefined;
}

function faultOfBytes(text: string): Fault | undefined {
  const nano = nanoOf(text);
  const [, number = ''] = /^([\d.]+)/.exec(text) ?? [];
  const usual = 'write bytes, such as "128Mi" or "134217728"';
  if (nano === undefined) return { found: 'is not an amount of bytes', fix: meantUnit(text) ?? usual };
  if (/[num]$/.test(text)) {
    const fix = text.endsWith('m') ? `write "${number}Mi", if mebibytes are meant` : usual;
    return { found: 'is in fractions of a byte', fix };
  }
  if (nano <= 0n) return { found: 'is not above 0', fix: usual };
  if (nano % nanoPerOne !== 0n) return { found: 'is not a whole number of bytes', fix: usual };
  return nano > mostNano ? { found: 'is more than Kubernetes can count', fix: usual } : undefined;
}

function faultOfCount(text: string): Fault | undefined {
  const nano = nanoOf(text);
  const isWhole = nano !== undefined && nano > 0n && nano <= mostNano && nano % nanoPerOne === 0n;
  return isWhole ? undefined : { found: 'is not a whole number above 0', fix: 'write how many, such as "1"' };
}

/** A limit that no container starts under: most often its unit was left out. */
function tooSmall(kind: 'requests' | 'limits', resource: string, text: string): Fault | undefined {
  const nano = nanoOf(text) ?? leastMemory;
  if (kind === 'requests' || resource !== 'memory' || nano >= leastMemory) return undefined;
  const fix = /^\d+$/.test(text) ? `write a unit, such as "${text}Mi"` : 'write a limit such as "256Mi"';
  return { found: 'is less memory than any container starts with', fix };
}

/** The units that are near those of an amount which cannot be read: `512K` is `512k` or `512Ki`, `1GB` is `1G` or `1Gi`. */
function meantUnit(text: string): string | undefined {
  const [, number, letter = ''] = /^(\d+\.?\d*) ?([kmgtpe])i?b?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const large = letter.toUpperCase();
  const decimal = large === 'K' ? 'k' : large;
  return `write "${number}${decimal}" for powers of 1000 or "${number}${large}i" for powers of 1024`;
}

/**
 * An amount in thousand-millionths, rounded up as Kubernetes does (resource.Quantity of k8s.io/apimachinery 0.36.3): a
 * number, then nothing, a decimal unit, a binary unit or an exponent.
 * @returns undefined for what is no quantity. An exponent of more than two digits, which Kubernetes takes, is none here
 */
export function nanoOf(text: string): bigint | undefined {
  const [, number = '', suffix = ''] = quantityForm.exec(text) ?? [];
  if (!/\d/.test(number)) return undefined;
  const [whole = '', fraction = ''] = number.replace('+', '').split('.');
  const power = suffix in decimal ? Number(decimal[suffix]) : Number(/^[eE]([+-]?\d+)$/.exec(suffix)?.[1] ?? 0);
  const factor = suffix.endsWith('i') ? 1024n ** BigInt(binary.indexOf(suffix) + 1) : 1n;
  const shift = power - fraction.length + 9;
  const digits = BigInt(whole.replace('-', '') + fraction) * factor;
  const ten = 10n ** BigInt(Math.abs(shift));
  const size = shift >= 0 ? digits * ten : (digits + ten - 1n) / ten;
  return number.startsWith('-') ? -size : size;
}

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** A quantity: its number and its unit. */
export const quantityForm = /^([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d{1,2})$/;

const nanoPerOne = 10n ** 9n;
const nanoPerMilli = 10n ** 6n;

/** Above it Kubernetes cuts an amount off: 2^63-1. */
const mostNano = (2n ** 63n - 1n) * nanoPerOne;

/** The least that Docker's engine takes for a container (linuxMinMemory, 6 MiB since 20.10). */
const leastMemory = 6n * 1024n ** 2n * nanoPerOne;
