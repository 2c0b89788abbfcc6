// The heat as a picture file: what is drawn, under its title.
const TITLE_PX = 44;

/**
 * @param {import('@deck.gl/core').Deck<any>} deck @param {HTMLElement} parent of deck.gl's canvas
 * @param {{name: string, title: string}} words file name without ending, and the line over the picture
 */
export function savePicture(deck, parent, { name, title }) {
  const canvas = parent.querySelector('canvas');
  if (!canvas) return;
  deck.redraw('picture'); // a WebGL canvas is readable only in the turn in which it was drawn
  const picture = document.createElement('canvas');
  picture.width = canvas.width;
  picture.height = canvas.height + TITLE_PX;
  const pen = picture.getContext('2d');
  if (!pen) return;
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(canvas, 0, TITLE_PX);
  pen.fillStyle = '#1a2430';
  pen.font = '600 20px "Noto Sans CJK SC", system-ui, sans-serif';
  pen.fillText(title, 14, 29);
  picture.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  }, 'image/png');
}
