import { element } from './element.js';
import { members } from './form.js';

/**
 * Asks the questions of an unfinished call one after the other.
 * @returns the extra parameters of the next call
 * @param {any} result whose `resultType` is `input_required`
 * @param {HTMLElement} place that shows them
 * @param {AbortSignal} signal ends the waiting
 */
export async function answered({ inputRequests = {}, requestState }, place, signal) {
  const inputResponses = {};
  for (const [key, { params }] of Object.entries(inputRequests)) {
    inputResponses[key] = await answerTo(params, place, signal);
  }
  return { inputResponses, requestState };
}

function answerTo({ message, requestedSchema }, place, signal) {
  const form = members(requestedSchema);
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const no = (action, text) => element('button', { type: 'button', onclick: () => resolve({ action }) }, text);
    const whole = element(
      'form',
      { id: 'question' },
      element('p', {}, message),
      form.node,
      element(
        'p',
        {},
        element('button', { type: 'submit' }, 'Answer'),
        ' ',
        no('decline', 'Decline'),
        ' ',
        no('cancel', 'Cancel'),
      ),
    );
    whole.onsubmit = (event) => {
      event.preventDefault();
      resolve({ action: 'accept', content: form.read() });
    };
    place.replaceChildren(whole);
  }).finally(() => place.replaceChildren('Running …'));
}
