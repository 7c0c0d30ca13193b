import { at, isRecord } from '../../model/json';
import { nanoOf } from '../../model/quantity';
import type { Finding, ObjectCheck } from './check';

/**
 * What no cluster takes of a pod template though it fits its definition: by now the patches of the platform and the
 * server are in it.
 */
export const podRules: ObjectCheck = (object) =>
  object.kind === 'Deployment'
    ? [restricted, mountsItsVolumes, mountsApart, withinLimits].flatMap((each) => each(object))
    : [];

const template = ['spec', 'template', 'spec'];
const container = [...template, 'containers', '0'];

/**
 * What a patch may have brought into a pod that its namespace would refuse without a word to Flux: the Deployment is
 * taken, and no pod comes (level restricted of pod-security-admission 0.36.3). The security contexts no patch can touch.
 */
const restricted: ObjectCheck = (object) => {
  const ofVolumes = listAt(object, ...template, 'volumes').flatMap((volume, index) => {
    const kinds = Object.keys(Object(volume)).filter((key) => key !== 'name');
    const [kind = 'emptyDir'] = kinds;
    const path = `spec.template.spec.volumes.${index}`;
    const several = `has ${kinds.join(' and ')}`;
    if (kinds.length > 1) return broken(path, several, 'give it one of the two; or another name');
    if (restrictedVolumes.includes(kind)) return [];
    return broken(path, `is a ${kind}`, `use one of ${restrictedVolumes.join(', ')}`);
  });
  return [...ofVolumes, ...hostsIn(at(object, ...container), container.join('.'))];
};

const restrictedVolumes: readonly string[] = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected'],
  'secret',
];

/** Probes and hooks ask their own pod, and name no other host. */
function hostsIn(value: unknown, path: string): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const here = `${path}.${key}`;
    const isNamed = ['httpGet', 'tcpSocket'].includes(key) && at(member, 'host') !== undefined;
    if (!isNamed) return hostsIn(member, here);
    return broken(`${here}.host`, 'names a host', 'take it out: the pod itself is asked');
  });
}

/** Each mount has its volume. */
const mountsItsVolumes: ObjectCheck = (object) => {
  const names = listAt(object, ...template, 'volumes').map((volume) => at(volume, 'name'));
  return listAt(object, ...container, 'volumeMounts').flatMap((mount, index) => {
    const name = at(mount, 'name');
    if (names.includes(name)) return [];
    const path = [...container, 'volumeMounts', String(index), 'name'].join('.');
    const found = `names a volume that the pod does not have: it has ${names.join(', ')}`;
    return [{ code: 'RULE', path, found, fix: 'write the volume beside the mount, or one of these names' }];
  });
};

/** Each mount has a place of its own, and none reaches out of the pod: that takes a privileged one (ValidateVolumeMounts, 1.36.3). */
const mountsApart: ObjectCheck = (object) => {
  const mounts = listAt(object, ...container, 'volumeMounts');
  const places = mounts.map((mount) => at(mount, 'mountPath'));
  return mounts.flatMap((mount, index) => {
    const path = [...container, 'volumeMounts', String(index)].join('.');
    const [place, first] = [places[index], places.indexOf(places[index])];
    const found = `is "${place}", where ${at(mounts[first], 'name')} is mounted`;
    const fix = 'write another folder, or the same name: of two volumes of one name the last stands';
    return [
      ...(first === index ? [] : [{ code: 'RULE', path: `${path}.mountPath`, found, fix } as const]),
      ...(at(mount, 'mountPropagation') === 'Bidirectional'
        ? broken(`${path}.mountPropagation`, 'is Bidirectional', 'take it out')
        : []),
    ];
  });
};

/** No request is above its limit, whichever of the patches they come from. */
const withinLimits: ObjectCheck = (object) => {
  const { requests, limits } = Object(at(object, ...container, 'resources'));
  return Object.entries(isRecord(requests) ? requests : {}).flatMap(([name, request]) => {
    const [least, most] = [request, at(limits, name)].map((amount) => nanoOf(String(amount ?? '')));
    if (least === undefined || most === undefined || least <= most) return [];
    const path = [...container, 'resources', 'requests', name].join('.');
    const found = `is above the limit "${at(limits, name)}", which no API server takes`;
    return [{ code: 'RULE', path, found, fix: 'raise the limit, or ask for less' }];
  });
};

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}

function broken(path: string, found: string, fix: string): readonly Finding[] {
  return [{ code: 'POLICY', path, found: `${found} (policy pod-restricted)`, fix }];
}
