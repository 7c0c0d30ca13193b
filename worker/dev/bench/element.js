/**
 * Creates an element. Text is set as text, never as HTML: much of it comes from tools and services.
 * @param {string} name its tag
 * @param {Record<string, unknown>} [properties] of the element; `on…` are listeners, `aria…` and `data-…` attributes
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElement}
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (key.startsWith('aria-') || key.startsWith('data-') || key === 'for') made.setAttribute(key, String(value));
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}
