import type { z } from 'zod';
import { rule } from './schema-problems';

type Context = z.core.$RefinementCtx;
type Texts = Readonly<Record<string, string>>;

/** The labels that we set on every object of a server. */
export const ownLabels: readonly string[] = [
  ...['name', 'instance', 'part-of', 'managed-by', 'version'].map((name) => `app.kubernetes.io/${name}`),
  'team',
];
/** Set by a Deployment to tell its ReplicaSets apart. */
const templateHash = 'pod-template-hash';

/** Rejects labels, or label selectors, that an API server would reject (apimachinery 0.36.3). */
export function labelsRule(given: Texts, context: Context, path: readonly string[] = []): void {
  for (const [key, value] of Object.entries(given)) {
    const at = [...path, key];
    if (!labelKey.test(key)) {
      const fix = 'write a name of letters and digits, with "-", "_" and "." between, such as example.com/tier';
      rule(context, 'BAD-VALUE', 'is not the key of a label', fix, at);
    }
    if (!labelValue.test(value)) {
      const fix = 'write at most 63 letters and digits, with "-", "_" and "." between; or make it an annotation';
      rule(context, 'BAD-VALUE', 'is not the value of a label', fix, at);
    }
  }
}

/** Rejects labels that we set ourselves: selectors and ownership depend on them. */
export function foreignLabelsRule(given: Texts, context: Context, path: readonly string[] = []): void {
  for (const key of Object.keys(given).filter((each) => each === templateHash || ownLabels.includes(each))) {
    const fix = key === templateHash ? 'remove it: the Deployment sets it' : 'remove it: it follows from the server';
    rule(context, undefined, 'is set elsewhere', fix, [...path, key]);
  }
}

/** Rejects pod annotations that loosen the security context (level restricted, pod-security-admission 0.36.3). */
export function podAnnotationsRule(given: Texts, context: Context, path: readonly string[] = []): void {
  const loosening = /^(container\.apparmor|seccomp|container\.seccomp)\.security\.(alpha|beta)\.kubernetes\.io\//;
  for (const key of Object.keys(given).filter((each) => loosening.test(`${each}/`))) {
    const fix = 'remove it: pods use the default profiles of the container runtime';
    rule(context, undefined, 'is set elsewhere', fix, [...path, key]);
  }
}

const labelKey =
  /^(?=.{1,316}$)([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
