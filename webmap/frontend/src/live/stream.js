// Follows a stream of server-sent events and stays connected: durable events are given once each, in order.

/**
 * @typedef {{id: number, kind: string, site: string, payload: any, occurred_at: string}} DurableEvent
 * @typedef {'waiting' | 'live' | 'lost'} Connection
 * @typedef {{
 *   onState?: (state: any) => void,
 *   onPositions?: (positions: {items: any[], machines: any[]}) => void,
 *   onEvent?: (event: DurableEvent) => void,
 *   onProgress?: (progress: any) => void,
 *   onConnection?: (connection: Connection) => void,
 * }} Listeners
 */

const RETRY_MS = 2000;
const SILENT_MS = 40_000;

export class Stream {
  /** Durable events received, oldest first. @type {DurableEvent[]} */
  events = [];
  /** The newest state, or null before the first. @type {any} */
  state = null;
  /** @type {EventSource | null} */ #source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry = undefined;
  #cursor = 0;
  #heardAt = 0;
  #url;
  #listeners;

  /** @param {string} url @param {Listeners} listeners */
  constructor(url, listeners) {
    this.#url = url;
    this.#listeners = listeners;
    this.#connect();
    window.addEventListener('pagehide', () => this.#source?.close());
    window.addEventListener('pageshow', (event) => event.persisted && this.#connect());
    window.addEventListener('online', () => this.#connect());
    setInterval(() => this.#noticeSilence(), 5000);
  }

  /** The durable event to resume after. */
  get cursor() {
    return this.#cursor;
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#say('waiting');
    const source = new EventSource(this.#cursor ? `${this.#url}?cursor=${this.#cursor}` : this.#url);
    this.#source = source;
    this.#heardAt = Date.now();
    source.onopen = () => this.#say('live');
    source.onerror = () => this.#failed(source);
    this.#on('state', (data, id) => {
      this.state = data;
      this.#remember(id);
      this.#listeners.onState?.(data);
    });
    this.#on('ping', () => undefined);
    this.#on('positions', (data) => this.#listeners.onPositions?.(data));
    this.#on('progress', (data) => this.#listeners.onProgress?.(data));
    this.#on('event', (data) => {
      if (data.id <= this.#cursor && this.events.some((known) => known.id === data.id)) return;
      this.#remember(data.id);
      this.events.push(data);
      if (this.events.length > 2000) this.events.splice(0, 1000); // a page may stay open for weeks
      this.#listeners.onEvent?.(data);
    });
  }

  /** @param {string} name @param {(data: any, id: number) => void} take */
  #on(name, take) {
    this.#source?.addEventListener(name, (message) => {
      this.#heardAt = Date.now();
      take(JSON.parse(message.data), Number(message.lastEventId));
    });
  }

  /** @param {number} id */
  #remember(id) {
    if (id > this.#cursor) this.#cursor = id;
  }

  /** @param {EventSource} source */
  async #failed(source) {
    if (source !== this.#source) return;
    this.#say('waiting');
    if (source.readyState !== EventSource.CLOSED) return; // the browser connects again, with Last-Event-ID
    this.#say('lost');
    const status = await fetch('/api/v1/sites', { credentials: 'same-origin' }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 401) location.reload();
    else this.#retry = setTimeout(() => this.#connect(), RETRY_MS * (1 + 2 * Math.random()));
  }

  /** A connection that says nothing, not even where people are, may be dead without an error. */
  #noticeSilence() {
    if (this.#source?.readyState === EventSource.OPEN && Date.now() - this.#heardAt > SILENT_MS) {
      this.#connect();
    }
  }

  /** @param {Connection} connection */
  #say(connection) {
    showConnection(connection);
    this.#listeners.onConnection?.(connection);
  }
}

/** Shows in the top bar whether the page is live. @param {Connection} connection */
function showConnection(connection) {
  const dot = document.getElementById('live-state');
  if (!dot) return;
  dot.hidden = false;
  dot.dataset.state = connection;
  dot.textContent = {
    live: gettext('Live'),
    waiting: gettext('Connecting …'),
    lost: gettext('Connection lost'),
  }[connection];
}
