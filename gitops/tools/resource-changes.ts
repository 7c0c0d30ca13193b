import type { Published } from './published';
import { canonical } from './schema-parts';
import type { ToolChange } from './tool-changes';

type Resource = NonNullable<Published['resources']>[number];

/** Every difference between the resources of two states of a server, sorted by name. */
export function resourceChanges(before: Published, after: Published): readonly ToolChange[] {
  const [from, to] = [byName(before), byName(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  return names.flatMap((name): readonly ToolChange[] => {
    const [old, now] = [from.get(name), to.get(name)];
    const change = (what: string, level: ToolChange['level']) => [{ tool: `resource ${name}`, path: '', what, level }];
    if (old === undefined) return change('is new', 'addition');
    if (now === undefined) return change('was removed', 'breaking');
    const [oldUri, uri] = [addressOf(old, before), addressOf(now, after)];
    if (oldUri !== uri) return change(`moved from ${oldUri} to ${uri}`, 'breaking');
    if (old.mimeType !== now.mimeType) return change(`is ${now.mimeType} instead of ${old.mimeType}`, 'breaking');
    return canonical({ ...old, uri }) === canonical({ ...now, uri }) ? [] : change('has changed', 'wording');
  });
}

function byName({ resources = [] }: Published): ReadonlyMap<string, Resource> {
  return new Map(resources.map((resource) => [String(resource.name), resource]));
}

/** Its URI without the version of the toolkit, which default URIs contain and which changes with each release. */
function addressOf({ uri, uriTemplate }: Resource, { toolkit }: Published): string {
  return String(uri ?? uriTemplate).replace(
    `ui://${toolkit.name}/${toolkit.version}/`,
    `ui://${toolkit.name}/<version>/`,
  );
}
