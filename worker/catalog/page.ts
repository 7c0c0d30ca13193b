import type { PageSettings } from './define-resource';
import { pageType } from './media-type';

const lists = ['connectDomains', 'resourceDomains', 'frameDomains', 'baseUriDomains'];
const devices = ['camera', 'microphone', 'geolocation', 'clipboardWrite'];

/**
 * Errors in the settings of a page, one sentence each. Hosts build the page's Content-Security-Policy from them and do not
 * show a page with invalid settings.
 */
export function pageErrors(page: PageSettings | undefined, mimeType: string): readonly string[] {
  if (page === undefined) return [];
  const { csp = {}, permissions = [], ...more } = page;
  const origins = Object.entries(csp).flatMap(([list, found]) =>
    found.filter((origin) => !isOrigin(origin)).map((origin) => ({ list, origin })),
  );
  return [
    ...(mimeType === pageType ? [] : [`only a page can have the field \`page\`; its media type must be ${pageType}`]),
    ...Object.keys(more).flatMap((key) => (key === 'prefersBorder' ? [] : [`a page has no field "${key}"`])),
    ...Object.keys(csp).flatMap((key) =>
      lists.includes(key) ? [] : [`unknown CSP field "${key}"; use ${lists.join(', ')}`],
    ),
    ...permissions.flatMap((key) =>
      devices.includes(key) ? [] : [`unknown permission "${key}"; use ${devices.join(', ')}`],
    ),
    ...origins.map(({ list, origin }) => `${list} has "${origin}", which is not an origin such as https://example.com`),
  ];
}

/** Whether a text is a scheme and a host with an optional port; `*.` matches all subdomains. */
function isOrigin(text: string): boolean {
  return /^(https|wss):\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/i.test(text);
}

/** The `_meta` of a page for hosts, in the list and with the contents. */
export function pageMeta(page: PageSettings | undefined): { readonly _meta?: object } {
  if (page === undefined) return {};
  const { permissions, ...rest } = page;
  const asked = permissions && { permissions: Object.fromEntries(permissions.map((key) => [key, {}])) };
  return { _meta: { ui: { ...rest, ...asked } } };
}
