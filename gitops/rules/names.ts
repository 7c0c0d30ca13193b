import { at, type ObjectCheck, objectProblem } from './check';

/** Names and namespaces that the cluster takes; a Namespace has no namespace of its own, everything else has one. */
export const names: ObjectCheck = (object, file) => {
  const { name, namespace } = object.metadata;
  const problem = (path: string, found: string, fix: string) =>
    objectProblem('NAME', { object, file, path }, found, fix);
  const isNamespace = object.kind === 'Namespace';
  const releaseName = at(object, 'spec', 'releaseName');
  return [
    isLabel(name) ? [] : problem('metadata.name', `"${name}" is not a name`, `use ${rule}`),
    isNamespace || (namespace !== undefined && isLabel(namespace))
      ? []
      : problem('metadata.namespace', `"${namespace ?? ''}" is not a namespace`, `use ${rule}`),
    isNamespace && namespace !== undefined ? problem('metadata.namespace', 'stands on a Namespace', 'take it out') : [],
    isNamespace && /^(default|flux-system|kube-.*)$/.test(name)
      ? problem('metadata.name', `"${name}" is reserved`, 'choose another')
      : [],
    typeof releaseName === 'string' && releaseName.length > 53
      ? problem('spec.releaseName', `has ${releaseName.length} characters, 53 at most`, 'shorten it')
      : [],
  ].flat();
};

/** RFC 1123 label, which suits every kind that is emitted here. */
const isLabel = (text: string) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
const rule = 'at most 63 lower-case letters, digits and "-", with a letter or digit at both ends';
