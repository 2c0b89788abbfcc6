// Choosing one to nine photos: previews, removing one, making huge ones smaller. Without this script the plain
// file input does the same work.
import { exifSegment, uprightExif, withExif } from './exif.js';

const MOST_PHOTOS = 9;
const LONGEST_SIDE_PX = 2560;
const SMALL_ENOUGH_BYTES = 1_500_000;

/**
 * Returns the file itself, or a JPEG of at most 2560 px that keeps the original's Exif (time of taking).
 * @param {File} file
 * @returns {Promise<File>}
 */
export async function shrink(file) {
  if (file.size <= SMALL_ENOUGH_BYTES || file.type !== 'image/jpeg') return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = LONGEST_SIDE_PX / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.86));
    if (!(blob instanceof Blob)) return file;
    let bytes = new Uint8Array(await blob.arrayBuffer());
    const exif = exifSegment(new Uint8Array(await file.arrayBuffer()));
    if (exif) bytes = new Uint8Array(withExif(bytes, uprightExif(exif)));
    return new File([bytes], file.name, { type: 'image/jpeg', lastModified: file.lastModified });
  } catch {
    return file; // a picture that this browser cannot draw is the server's to judge
  }
}

/** @param {HTMLElement} picker the `[data-photos]` block of a form */
export function enhancePhotoPicker(picker) {
  const input = /** @type {HTMLInputElement} */ (picker.querySelector('input[name="photos"]'));
  const camera = /** @type {HTMLInputElement | null} */ (picker.querySelector('[data-camera]'));
  const list = /** @type {HTMLElement} */ (picker.querySelector('.photo-previews'));
  /** @type {File[]} */
  let files = [];
  /** @type {string[]} */
  let addresses = [];
  picker.classList.add('enhanced');
  const cameraLabel = camera?.closest('label');
  if (cameraLabel && matchMedia('(pointer: coarse)').matches) cameraLabel.hidden = false;

  function show() {
    const carrier = new DataTransfer();
    files.forEach((file) => carrier.items.add(file));
    input.files = carrier.files;
    addresses.forEach((address) => URL.revokeObjectURL(address));
    addresses = files.map((file) => URL.createObjectURL(file));
    list.replaceChildren(...files.map((file, index) => preview(file, index)));
  }

  /** @param {File} file @param {number} index */
  function preview(file, index) {
    const item = document.createElement('li');
    const image = document.createElement('img');
    image.src = addresses[index];
    image.alt = file.name;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = '×';
    remove.setAttribute('aria-label', gettext('Remove this photo'));
    remove.addEventListener('click', () => {
      files = files.filter((_, i) => i !== index);
      show();
    });
    item.append(image, remove);
    return item;
  }

  /** @param {FileList | null} chosen */
  async function add(chosen) {
    const smaller = await Promise.all([...(chosen ?? [])].map(shrink));
    files = [...files, ...smaller].slice(0, MOST_PHOTOS);
    show();
  }

  input.addEventListener('change', () => add(input.files));
  camera?.addEventListener('change', async () => {
    await add(camera.files);
    camera.value = '';
  });
}
