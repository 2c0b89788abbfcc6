// The site in 3D.
import '../viewer/viewer.css';
import { part } from '../viewer/markup.js';
import { showFailure } from '../viewer/loading.js';
import { canDraw3D } from '../viewer/scene.js';
import { SitePage } from '../viewer/site_page.js';

/** @type {import('../viewer/site_page.js').ViewSettings} */
const settings = JSON.parse(part('view-settings').textContent ?? '{}');

if (!canDraw3D()) {
  document.body.classList.add('has-no-view');
  showFailure(
    gettext('This browser cannot draw in 3D (WebGL 2 is missing or switched off). The map shows the same site.'),
    settings.urls.map,
  );
} else if (settings.site.lon === null) {
  document.body.classList.add('has-no-view');
  showFailure(gettext('This site has no place yet: draw its boundary first.'), settings.urls.map);
} else {
  const page = new SitePage(settings);
  page.ready.catch((error) =>
    showFailure(gettext('The site could not be loaded. Check the connection and try again.'), settings.urls.map, String(error)),
  );
  page.view.scene.renderError.addEventListener((/** @type {unknown} */ _, /** @type {unknown} */ error) =>
    showFailure(gettext('Drawing stopped because of an error. Try again, or use the map.'), settings.urls.map, String(error)),
  );
}
