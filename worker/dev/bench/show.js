import { element } from './element.js';

/**
 * The elements that show a result.
 * @param {any} result of `tools/call`
 * @returns {HTMLElement}
 */
export function shown({ content = [], structuredContent, isError = false }) {
  const value = structuredContent === undefined ? [] : [element('h3', {}, 'Structured'), code(structuredContent)];
  return element('div', { className: isError ? 'failed' : 'ok' }, ...content.map(block), ...value);
}

/** Indented JSON. */
export function code(value) {
  return element('pre', { tabIndex: 0 }, JSON.stringify(value, null, 2));
}

function block({ type, annotations, ...rest }) {
  const note = annotations === undefined ? undefined : element('small', {}, JSON.stringify(annotations));
  return element('figure', { className: type, 'data-block': type }, inside(type, rest), note);
}

function inside(type, { text, data, mimeType, uri, name, title, description, resource }) {
  switch (type) {
    case 'text':
      return element('pre', { tabIndex: 0 }, text);
    case 'image':
      return element('img', { src: dataUrl(mimeType, data), alt: `A picture, ${mimeType}` });
    case 'audio':
      return element('audio', { src: dataUrl(mimeType, data), controls: true });
    case 'resource_link':
      return element('p', {}, [title ?? name, description].filter(Boolean).join(': '), ' ', element('code', {}, uri));
    case 'resource':
      return contents(resource);
    default:
      return code({ type, ...rest });
  }
}

/** One item of a resource. */
function contents({ uri, mimeType, text, blob }) {
  const head = element('p', {}, element('code', {}, uri), ` ${mimeType ?? ''}`);
  if (text !== undefined) return element('div', {}, head, element('pre', { tabIndex: 0 }, text));
  if (/^image\//.test(mimeType))
    return element('div', {}, head, element('img', { src: dataUrl(mimeType, blob), alt: uri }));
  return element('div', {}, head, element('p', {}, `${atob(blob).length} bytes`));
}

function dataUrl(mimeType, data) {
  return `data:${/^[\w.+-]+\/[\w.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream'};base64,${data}`;
}
