import { type ObjectCheck, objectProblem } from './check';

/** Every object carries the labels that the platform finds servers by, and none that the cluster would refuse. */
export const labels: ObjectCheck = (object, file) => {
  const present = object.metadata.labels ?? {};
  const missing = required
    .filter((key) => present[key] === undefined)
    .map((key) =>
      objectProblem(
        'LABEL-MISSING',
        { object, file, path: 'metadata.labels' },
        `lacks "${key}"`,
        'add it in charts/labels.ts',
      ),
    );
  const illegal = Object.entries(present)
    .filter(([key, value]) => !(isKey(key) && isValue(value)))
    .map(([key, value]) =>
      objectProblem(
        'NAME',
        { object, file, path: `metadata.labels.${key}` },
        `"${value}" is not a label`,
        'use at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends',
      ),
    );
  return [...missing, ...illegal];
};

const required = ['name', 'instance', 'part-of', 'managed-by', 'version']
  .map((name) => `app.kubernetes.io/${name}`)
  .concat('team');

/** Kubernetes 1.28: an optional DNS prefix of at most 253 characters, then a name like a value. */
const isKey = (key: string) =>
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(key);
const isValue = (value: string) => /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/.test(value);
