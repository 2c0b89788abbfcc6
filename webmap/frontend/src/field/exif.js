// Keeping a photo's Exif block (its time above all) when the picture itself is made smaller.

const EXIF_MARK = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ORIENTATION_TAG = 0x0112;

/**
 * Returns the APP1 Exif segment of a JPEG (marker and length included), or null when it has none.
 * @param {Uint8Array} jpeg
 * @returns {Uint8Array | null}
 */
export function exifSegment(jpeg) {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return null;
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1];
    if (marker === 0xda) return null;
    const length = (jpeg[at + 2] << 8) | jpeg[at + 3];
    if (marker === 0xe1 && EXIF_MARK.every((byte, i) => jpeg[at + 4 + i] === byte)) {
      return jpeg.slice(at, at + 2 + length);
    }
    at += 2 + length;
  }
  return null;
}

/**
 * Returns the segment with its orientation set to upright: a redrawn picture has been turned already.
 * @param {Uint8Array} segment
 * @returns {Uint8Array}
 */
export function uprightExif(segment) {
  const upright = segment.slice();
  const view = new DataView(upright.buffer, upright.byteOffset, upright.byteLength);
  const tiff = 10;
  const little = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, little);
  if (directory + 2 > upright.length) return upright;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i += 1) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > upright.length) break;
    if (view.getUint16(entry, little) === ORIENTATION_TAG) view.setUint16(entry + 8, 1, little);
  }
  return upright;
}

/**
 * Returns a JPEG with this Exif segment right after its start, in place of any that it had.
 * @param {Uint8Array} jpeg @param {Uint8Array} segment
 * @returns {Uint8Array}
 */
export function withExif(jpeg, segment) {
  const joined = new Uint8Array(jpeg.length + segment.length);
  joined.set(jpeg.subarray(0, 2));
  joined.set(segment, 2);
  joined.set(jpeg.subarray(2), 2 + segment.length);
  return joined;
}
