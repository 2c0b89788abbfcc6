/** Returns the CSRF token that the server put into the page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute('content') ?? '';
}

/** Makes every htmx request carry the CSRF token. */
export function sendCsrfWithHtmx() {
  document.body.addEventListener('htmx:configRequest', (event) => {
    /** @type {CustomEvent} */ (event).detail.headers['X-CSRFToken'] = csrfToken();
  });
}

/** An answer of the API that is not a success: `detail` is a sentence in the user's language. */
export class ApiError extends Error {
  /** @param {number} status @param {string} detail @param {string} [field] */
  constructor(status, detail, field) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

/**
 * Calls our API with the session and the CSRF token; answers the parsed JSON.
 * @param {string} path for example `/api/v1/sites`
 * @param {{method?: string, body?: any, signal?: AbortSignal}} [options] `body` is sent as JSON unless it is FormData
 * @returns {Promise<any>}
 */
export async function callApi(path, options = {}) {
  const isForm = options.body instanceof FormData;
  const response = await fetch(path, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    credentials: 'same-origin',
    signal: options.signal,
    headers: {
      Accept: 'application/json',
      'X-CSRFToken': csrfToken(),
      ...(options.body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
    },
    body: options.body === undefined ? undefined : isForm ? options.body : JSON.stringify(options.body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ApiError(response.status, answer?.detail ?? response.statusText, answer?.field);
  }
  return answer;
}
