// The slider of a site's page: state and zones of a moment, and the changes of a day.
import { callApi } from './csrf.js';
import { TimeSlider } from './time_slider.js';

/**
 * @param {HTMLElement} place
 * @param {{code: string, time_zone: string}} site
 * @param {{onPast: (shown: {state: any, zones: any, machines: any[]}, at: Date) => void, onLive: () => void}} options
 */
export function sitePast(place, site, options) {
  const api = `/api/v1/sites/${site.code}`;
  return new TimeSlider(place, {
    ...options,
    timeZone: site.time_zone,
    load: async (at, signal) => {
      const query = `?at=${encodeURIComponent(at.toISOString())}`;
      const [state, zones, machines] = await Promise.all([
        callApi(`${api}/past${query}`, { signal }),
        callApi(`${api}/zones.geojson${query}`, { signal }),
        callApi(`${api}/machines${query}`, { signal }),
      ]);
      return { state, zones, machines: machines.items };
    },
    history: (since, until, signal) =>
      callApi(`${api}/colour-history?since=${encodeURIComponent(since.toISOString())}&until=${encodeURIComponent(until.toISOString())}`, { signal }),
  });
}
