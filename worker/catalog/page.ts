import type { PageNeeds } from './define-resource';
import { pageType } from './media-type';

const lists = ['connectDomains', 'resourceDomains', 'frameDomains', 'baseUriDomains'];
const devices = ['camera', 'microphone', 'geolocation', 'clipboardWrite'];

/**
 * What is wrong with what a page asks for, one sentence each. Hosts build the page's Content-Security-Policy out of it, and
 * show no page of which they cannot.
 */
export function pageErrors(page: PageNeeds | undefined, mimeType: string): readonly string[] {
  if (page === undefined) return [];
  const { csp = {}, permissions = [], ...more } = page;
  const origins = Object.entries(csp).flatMap(([list, found]) =>
    found.filter((origin) => !isOrigin(origin)).map((origin) => ({ list, origin })),
  );
  return [
    ...(mimeType === pageType ? [] : [`it asks a host for what only a page has; its media type would be ${pageType}`]),
    ...Object.keys(more).flatMap((key) => (key === 'prefersBorder' ? [] : [`a page has no field "${key}"`])),
    ...Object.keys(csp).flatMap((key) =>
      lists.includes(key) ? [] : [`a host knows no "${key}", only ${lists.join(', ')}`],
    ),
    ...permissions.flatMap((key) =>
      devices.includes(key) ? [] : [`a host knows no permission "${key}", only ${devices.join(', ')}`],
    ),
    ...origins.map(({ list, origin }) => `${list} has "${origin}", which is not an origin such as https://example.com`),
  ];
}

/** A scheme and a host, perhaps with a port; `*.` stands for the hosts below one. */
function isOrigin(text: string): boolean {
  return /^(https|wss):\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/i.test(text);
}

/** What hosts read of a page, both in the list and with its contents. */
export function pageMeta(page: PageNeeds | undefined): { readonly _meta?: object } {
  if (page === undefined) return {};
  const { permissions, ...rest } = page;
  const asked = permissions && { permissions: Object.fromEntries(permissions.map((key) => [key, {}])) };
  return { _meta: { ui: { ...rest, ...asked } } };
}
