import { parseImage } from '../../model/image';
import type { Platform } from '../../model/platform';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { element, escaped, fitted, type Svg } from './svg';

/** A server with the keys of its secret. */
export interface DrawnServer {
  readonly server: Server;
  readonly secrets: readonly string[];
}

/** How many servers are drawn; the others are counted below them. */
export const mostDrawn = 40;

/**
 * The way of a call as an SVG picture: client, gateway, engine, then for each server its public name, the ingress, the
 * service, the pods and the secret they read. The same servers give the same bytes, on every machine.
 *
 * Drawn by hand: the lanes never change, so a layout library (Graphviz as WebAssembly loads in 100 ms, Mermaid needs a
 * browser) would have nothing to decide.
 */
export function topology(servers: readonly DrawnServer[], platform: Platform): Svg {
  const drawn = servers.slice(0, mostDrawn);
  const bottom = Math.max(top + drawn.length * rowStep, top + callersHeight) - rowGap;
  const more = servers.length - drawn.length;
  const height = bottom + 20 + (more > 0 ? 30 : 0) + margin;
  const title = `How a call reaches ${servers.length === 1 ? 'the server' : `the ${servers.length} servers`}`;
  const parts = [
    element('title', { id: 'title' }, escaped(title)),
    element('style', {}, style),
    arrowHead,
    element('rect', { class: 'page', width, height, rx: 8 }),
    ...frames(platform, bottom),
    ...callers(),
    ...(drawn.length > 0 ? [path(`M${callerX + callerWidth} ${engineY + 22}H${busX}`, 'line'), bus(drawn.length)] : []),
    ...drawn.flatMap((server, row) => serverRow(server, platform, top + row * rowStep)),
    ...(more > 0 ? [label(hostX, bottom + 40, `and ${more} more server${more === 1 ? '' : 's'}`, 'muted')] : []),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-labelledby': 'title',
  };
  return `${element('svg', attributes, `\n${parts.join('\n')}\n`)}\n`;
}

/** The regions: the public zone, and the cluster. */
function frames({ dns, name: cluster }: Platform, bottom: number): Svg[] {
  const y = top - 38;
  return [
    region(hostX - 14, y, hostWidth + 28, bottom - y + 14, `zone ${dns.zone}`),
    region(ingressX - 16, y, width - margin - ingressX + 16, bottom - y + 14, `cluster ${cluster}`),
  ];
}

/** Who calls, from above to below: the part that all servers share. */
function callers(): Svg[] {
  const boxes = [
    ['MCP client', 'asks for a tool'],
    ['gateway', 'Arcade'],
    ['engine', 'calls /worker/*'],
  ] as const;
  return boxes.flatMap(([name, detail], index) => {
    const y = top + index * callerStep;
    const box = node(callerX, y, callerWidth, name, detail, 'caller');
    return index === 0 ? [box] : [box, path(`M${callerX + callerWidth / 2} ${y - callerStep + nodeHeight}V${y - 2}`)];
  });
}

/** The line from the engine along all rows. */
function bus(rows: number): Svg {
  const [first, last] = [top + laneY, top + (rows - 1) * rowStep + laneY];
  return path(`M${busX} ${Math.min(first, engineY + 22)}V${Math.max(last, engineY + 22)}`, 'line');
}

function serverRow({ server, secrets }: DrawnServer, platform: Platform, y: number): Svg[] {
  const lane = y + laneY;
  const laneTop = lane - nodeHeight / 2;
  const replicas =
    typeof server.replicas === 'number' ? server.replicas : `${server.replicas.min}-${server.replicas.max}`;
  const runtime = server.runtime === 'st-app' ? `${platform.chart?.name} ${platform.chart?.version}` : 'Deployment';
  const [firstSecret = '', ...otherSecrets] = secrets;
  const count = otherSecrets.length > 0 ? ` +${otherSecrets.length}` : '';
  const secretY = lane + nodeHeight / 2 + 20;
  return [
    element('rect', { class: 'namespace', x: spaceX, y, width: spaceWidth, height: rowHeight, rx: 6 }),
    label(
      serviceX,
      y + 17,
      fitted(`namespace ${server.namespace}`, serviceWidth + podWidth - runtime.length * 6.6),
      'code',
    ),
    element('text', { class: 'code muted', x: podX + podWidth, y: y + 17, 'text-anchor': 'end' }, escaped(runtime)),
    ...entrance(server, platform, lane),
    node(serviceX, laneTop, serviceWidth, 'service', `port ${contract.port}`, 'plain'),
    path(`M${serviceX + serviceWidth} ${lane}H${podX - 2}`),
    node(podX, laneTop, podWidth, `pod × ${replicas}`, imageOf(server), 'plain'),
    node(
      serviceX,
      secretY,
      serviceWidth,
      'sealed secret',
      `${fitted(firstSecret, serviceWidth - 16 - count.length * 6.6)}${count}`,
      'secret',
    ),
    path(`M${serviceX + serviceWidth} ${secretY + nodeHeight / 2}H${podX - 2}`, 'secret-line'),
    node(podX, secretY, podWidth, 'secret', server.secretName, 'secret'),
    path(`M${podX + podWidth / 2} ${secretY}V${lane + nodeHeight / 2 + 2}`, 'secret-line'),
  ];
}

/** From the engine to the service: through the public name and the ingress, or straight, inside the cluster. */
function entrance({ isPublic, host }: Server, { ingress }: Platform, lane: number): Svg[] {
  if (!isPublic) {
    return [
      path(`M${busX} ${lane}H${serviceX - 2}`),
      label(hostX, lane - 8, 'no public name: inside the cluster', 'muted'),
      element('text', { class: 'code muted', x: hostX, y: lane + 18 }, escaped(fitted(host, ingressX - hostX))),
    ];
  }
  const y = lane - nodeHeight / 2;
  return [
    path(`M${busX} ${lane}H${hostX - 2}`),
    node(hostX, y, hostWidth, host, `CNAME ${ingress.target}`, 'record'),
    path(`M${hostX + hostWidth} ${lane}H${ingressX - 2}`),
    node(ingressX, y, ingressWidth, 'ingress', ingress.className, 'plain'),
    path(`M${ingressX + ingressWidth} ${lane}H${serviceX - 2}`),
  ];
}

/** The end of the image's name and its version: the registry is the same for all. */
function imageOf({ image }: Server): string {
  const { repository = image, tag, digest } = parseImage(image) ?? {};
  const version = tag === undefined ? `@${digest?.slice(0, 19) ?? ''}` : `:${tag}`;
  return `${repository.slice(repository.lastIndexOf('/') + 1)}${version}`;
}

/** A box with a word and a detail. What does not fit is in its tooltip whole. */
function node(x: number, y: number, boxWidth: number, name: string, detail: string, kind: string): Svg {
  const room = boxWidth - 16;
  const nameText = { class: 'name', x: x + 8, y: y + 18 };
  return element(
    'g',
    { class: kind },
    [
      element('title', {}, escaped(`${name}, ${detail}`)),
      element('rect', { class: 'box', x, y, width: boxWidth, height: nodeHeight, rx: 4 }),
      element('text', kind === 'record' ? { ...nameText, class: 'name code' } : nameText, escaped(fitted(name, room))),
      element('text', { class: 'code muted', x: x + 8, y: y + 34 }, escaped(fitted(detail, room))),
    ].join(''),
  );
}

function region(x: number, y: number, regionWidth: number, height: number, name: string): Svg {
  const rect = element('rect', { class: 'region', x, y, width: regionWidth, height, rx: 8 });
  return `${rect}${label(x + 12, y + 22, fitted(name, regionWidth - 24), 'muted')}`;
}

function label(x: number, y: number, text: string, kind: string): Svg {
  return element('text', { class: kind, x, y }, escaped(text));
}

function path(d: string, kind = 'arrow'): Svg {
  return element('path', { class: kind, d });
}

const margin = 20;
const nodeHeight = 44;
const callerX = margin;
const callerWidth = 124;
const callerStep = 62;
const busX = callerX + callerWidth + 22;
const hostX = busX + 38;
const hostWidth = 214;
const ingressX = hostX + hostWidth + 50;
const ingressWidth = 84;
const spaceX = ingressX + ingressWidth + 22;
const serviceX = spaceX + 12;
const serviceWidth = 164;
const podX = serviceX + serviceWidth + 26;
const podWidth = 216;
const spaceWidth = podX + podWidth + 12 - spaceX;
const width = spaceX + spaceWidth + 12 + margin;

const top = 62;
const laneY = 50;
const rowHeight = 148;
const rowGap = 12;
const rowStep = rowHeight + rowGap;
const engineY = top + 2 * callerStep;
const callersHeight = 2 * callerStep + nodeHeight + rowGap;

const arrowHead = `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>`;

/** Light, and dark where the reader's system is; the page is painted, so that it never stands on another's colour. */
const style = `
text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}
.code{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.name{font-weight:600}.muted{fill:#59636e}
.page{fill:#fff}.region{fill:#f6f8fa;stroke:#d1d9e0}.namespace{fill:#fff;stroke:#afb8c1;stroke-dasharray:4 3}
.box{fill:#fff;stroke:#818b98}.caller .box{fill:#f6f8fa}.record .box{fill:#ddf4ff;stroke:#0969da}.secret .box{fill:#fff8c5;stroke:#9a6700}
.arrow,.line,.secret-line{fill:none;stroke:#59636e;stroke-width:1.5}.arrow,.secret-line{marker-end:url(#head)}.secret-line{stroke-dasharray:3 3}
.head{fill:#59636e}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}.muted{fill:#9198a1}
.page{fill:#0d1117}.region{fill:#151b23;stroke:#3d444d}.namespace{fill:#0d1117;stroke:#656c76}
.box{fill:#0d1117;stroke:#656c76}.caller .box{fill:#151b23}.record .box{fill:#0c2d6b;stroke:#4493f8}.secret .box{fill:#341a00;stroke:#d29922}
.arrow,.line,.secret-line{stroke:#9198a1}.head{fill:#9198a1}
}
`;
