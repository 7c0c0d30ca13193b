import { at, isRecord } from '../model/json';

/** Definitions of the Kubernetes API by name, with their patch strategies. */
export type Definitions = Readonly<Record<string, unknown>>;

/**
 * Applies a strategic merge patch to an object of the Kubernetes API (apimachinery 0.36.3, strategicpatch): objects merge
 * by member, lists with a merge key by item, mergeable lists of strings as sets; other lists and scalars are replaced. New
 * items come last. Directives such as `$patch` are not supported.
 * @param name the definition of the object, such as `io.k8s.api.core.v1.PodTemplateSpec`
 */
export function strategicMerge(base: unknown, patch: unknown, definitions: Definitions, name: string): unknown {
  return merged(base, patch, definitions[name]);

  function merged(before: unknown, after: unknown, definition: unknown): unknown {
    if (!isRecord(before) || !isRecord(after)) return after;
    const next = Object.entries(after).map(([key, value]) => {
      const property = at(definition, 'properties', key) ?? at(definition, 'additionalProperties');
      return [key, key in before ? member(before[key], value, property) : value] as const;
    });
    return { ...before, ...Object.fromEntries(next) };
  }

  function member(before: unknown, after: unknown, property: unknown): unknown {
    const isMerged = String(at(property, 'x-kubernetes-patch-strategy') ?? '').includes('merge');
    if (!Array.isArray(before) || !Array.isArray(after)) return merged(before, after, referenced(property));
    if (!isMerged) return after;
    const key = at(property, 'x-kubernetes-patch-merge-key');
    if (typeof key !== 'string') return [...new Set<unknown>([...before, ...after])];
    const item = referenced(at(property, 'items'));
    const list = [...before];
    for (const each of after) {
      const place = list.findIndex((other) => at(each, key) !== undefined && at(other, key) === at(each, key));
      if (place < 0) list.push(each);
      else list[place] = merged(list[place], each, item);
    }
    return list;
  }

  function referenced(property: unknown): unknown {
    const pointer = at(property, '$ref');
    return typeof pointer === 'string' ? definitions[pointer.split('/').at(-1) ?? ''] : property;
  }
}
