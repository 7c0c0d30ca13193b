import type { Scope } from '../../../model/sealed';

/** Something on the way to a file that gives objects another name or another namespace. */
export interface Transform {
  /** The file that says so. */
  readonly file: string;
  readonly field: 'namePrefix' | 'nameSuffix' | 'namespace';
  readonly value: string;
}

/** The transforms that a kustomization, or the spec of a reconciliation, asks for. */
export function transformsOf(file: string, fields: Readonly<Record<string, unknown>>): readonly Transform[] {
  return (['namePrefix', 'nameSuffix', 'namespace'] as const).flatMap((field) => {
    const value = fields[field];
    return typeof value === 'string' && value !== '' ? [{ file, field, value }] : [];
  });
}

/** Whether a value that was sealed for a namespace cannot be opened after the transform: its name is part of its seal. */
export function breaksSeal({ field, value }: Transform, scope: Scope, namespace: string): boolean {
  if (scope === 'cluster-wide') return false;
  if (field === 'namespace') return value !== namespace;
  return scope === 'strict';
}
