import type { z } from 'zod';
import { rule } from './schema-problems';

/** The requests and limits of a container, by resource name. */
export interface Resources {
  readonly requests?: Amounts | undefined;
  readonly limits?: Amounts | undefined;
}

type Amounts = Readonly<Record<string, string | undefined>>;

/** Why an amount is invalid, and how to fix it. */
interface Fault {
  readonly found: string;
  readonly fix: string;
}

/**
 * Reports every amount that is invalid for its resource, and every request above its limit, which an API server rejects
 * (ValidateContainerResourceRequirements, Kubernetes 1.36.3).
 * @param path the path of the resources in the parsed value. @default - the value itself
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
    const found = `is above the limit "${resources.limits?.[name]}"`;
    rule(context, 'SERVER-FIELD', found, 'raise the limit, or request less', [...path, 'requests', name]);
  }
}

/**
 * Why a string is not a valid amount of a resource; undefined if it is. CPU is measured in cores, memory and disk in bytes,
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
  if (/^([kMGTPE]|.i)$/.test(suffix)) return { found: 'is an amount of bytes, but CPU is measured in cores', fix };
  if (nano <= 0n) return { found: 'is not above 0', fix };
  if (nano % nanoPerMilli !== 0n) return { found: 'is finer than a thousandth of a core, the smallest unit', fix };
  return nano > maxNano ? { found: 'is more than Kubernetes can count', fix } : undefined;
}

function faultOfBytes(text: string): Fault | undefined {
  const nano = nanoOf(text);
  const [, number = ''] = /^([\d.]+)/.exec(text) ?? [];
  const general = 'write bytes, such as "128Mi" or "134217728"';
  if (nano === undefined) return { found: 'is not an amount of bytes', fix: meantUnit(text) ?? general };
  if (/[num]$/.test(text)) {
    const fix = text.endsWith('m') ? `write "${number}Mi", if mebibytes are meant` : general;
    return { found: 'is in fractions of a byte', fix };
  }
  if (nano <= 0n) return { found: 'is not above 0', fix: general };
  if (nano % nanoPerOne !== 0n) return { found: 'is not a whole number of bytes', fix: general };
  return nano > maxNano ? { found: 'is more than Kubernetes can count', fix: general } : undefined;
}

function faultOfCount(text: string): Fault | undefined {
  const nano = nanoOf(text);
  const isWhole = nano !== undefined && nano > 0n && nano <= maxNano && nano % nanoPerOne === 0n;
  return isWhole ? undefined : { found: 'is not a whole number above 0', fix: 'write a count, such as "1"' };
}

/** A limit that no container starts with, usually because its unit is missing. */
function tooSmall(kind: 'requests' | 'limits', resource: string, text: string): Fault | undefined {
  const nano = nanoOf(text) ?? minMemory;
  if (kind === 'requests' || resource !== 'memory' || nano >= minMemory) return undefined;
  const fix = /^\d+$/.test(text) ? `write a unit, such as "${text}Mi"` : 'write a limit such as "256Mi"';
  return { found: 'is less memory than any container starts with', fix };
}

/** Suggests units for an amount that cannot be parsed: `512K` is `512k` or `512Ki`, `1GB` is `1G` or `1Gi`. */
function meantUnit(text: string): string | undefined {
  const [, number, letter = ''] = /^(\d+\.?\d*) ?([kmgtpe])i?b?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const large = letter.toUpperCase();
  const decimal = large === 'K' ? 'k' : large;
  return `write "${number}${decimal}" for powers of 1000 or "${number}${large}i" for powers of 1024`;
}

/**
 * Parses a quantity: a number with an optional decimal unit, binary unit or exponent (resource.Quantity of
 * k8s.io/apimachinery 0.36.3).
 * @returns the amount in billionths, rounded up as Kubernetes does; undefined for an invalid quantity, and for an exponent
 *   of more than two digits, which Kubernetes accepts
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
/** Matches a quantity; its groups are the number and the unit. */
export const quantityForm = /^([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d{1,2})$/;

const nanoPerOne = 10n ** 9n;
const nanoPerMilli = 10n ** 6n;

/** The maximum that Kubernetes can represent: 2^63-1. */
const maxNano = (2n ** 63n - 1n) * nanoPerOne;

/** The minimum memory of a container in Docker (linuxMinMemory, 6 MiB since 20.10). */
const minMemory = 6n * 1024n ** 2n * nanoPerOne;
