// Scripts that a page loads beside its own module.
import * as CesiumModule from 'cesium';

export {};

declare global {
  // @ts-ignore django-leaflet adds to Leaflet
  const L: typeof import('leaflet');
  const Cesium: typeof CesiumModule;

  interface Window {
    CESIUM_BASE_URL?: string;
    twinwall?: Record<string, any>;
    htmx?: any;
  }

  // Django's JavaScriptCatalog (/jsi18n/)
  function gettext(text: string): string;
  function ngettext(one: string, many: string, count: number): string;
  function pgettext(context: string, text: string): string;
  function interpolate(format: string, values: any, named?: boolean): string;
  function get_format(name: string): any;
}

declare module '*.css';
