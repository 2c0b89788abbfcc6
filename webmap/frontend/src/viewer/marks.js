// How a helmet, a pin and a zone's label look on the overlay canvas. Colour never speaks alone: every grade has its sign.
import { GRADES } from './grade_signs.js';

const FONT = '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';
const INK = '#16202b';
const SHADE = 'rgb(16 23 31 / 30%)';

/** @typedef {CanvasRenderingContext2D} Pen */

/** @param {Pen} pen @param {number} x @param {number} y @param {string} text @param {boolean} strong */
function nameTag(pen, x, y, text, strong) {
  pen.font = `${strong ? 600 : 500} 12px ${FONT}`;
  const width = pen.measureText(text).width + 12;
  pen.fillStyle = strong ? INK : 'rgb(255 255 255 / 90%)';
  pen.beginPath();
  pen.roundRect(x - width / 2, y - 9, width, 18, 4);
  pen.fill();
  pen.fillStyle = strong ? '#ffffff' : INK;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, x, y + 0.5);
}

/**
 * A safety helmet seen from the side; its foot is the person's place.
 * @param {Pen} pen @param {number} x @param {number} y
 * @param {{name: string, code: string, stale: boolean}} helmet
 * @param {{isHot: boolean, faded: boolean, isAlarmed: boolean, named: boolean}} look
 */
export function drawHelmet(pen, x, y, helmet, look) {
  pen.globalAlpha = look.faded ? 0.16 : 1;
  if (look.isAlarmed) {
    pen.strokeStyle = GRADES[4].css;
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(x, y - 6, 14, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.fillStyle = SHADE;
  pen.beginPath();
  pen.ellipse(x, y + 0.5, 5, 2, 0, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = helmet.stale ? '#aeb7c0' : '#ffffff';
  pen.strokeStyle = helmet.stale ? '#6d7883' : '#0b5563';
  pen.lineWidth = look.isHot ? 2.4 : 1.6;
  if (helmet.stale) pen.setLineDash([2, 2]);
  pen.beginPath();
  pen.arc(x, y - 5, 6.5, Math.PI, 2 * Math.PI);
  pen.lineTo(x + 9, y - 5);
  pen.lineTo(x + 9, y - 2.6);
  pen.lineTo(x - 6.5, y - 2.6);
  pen.closePath();
  pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  if (!helmet.stale) {
    pen.fillStyle = '#12899c';
    pen.fillRect(x - 1.4, y - 11, 2.8, 5.4);
  }
  if (look.named) nameTag(pen, x, y - 24, helmet.name || helmet.code, look.isHot || look.isAlarmed);
  if (look.isAlarmed) warningSign(pen, x + 13, y - 17);
  pen.globalAlpha = 1;
}

/** @param {Pen} pen @param {number} x @param {number} y */
function warningSign(pen, x, y) {
  pen.fillStyle = GRADES[4].css;
  pen.beginPath();
  pen.arc(x, y, 6.5, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#ffffff';
  pen.font = `800 10px ${FONT}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText('!', x, y + 0.5);
}

/**
 * A pin; answers where it can be hit, relative to its foot.
 * @param {Pen} pen @param {number} x @param {number} y @param {import('./overlay.js').Pin} pin
 * @param {boolean} isHot @param {boolean} faded
 */
export function drawPin(pen, x, y, pin, isHot, faded) {
  pen.globalAlpha = faded ? 0.14 : 1;
  let spot;
  if (pin.kind === 'risk') spot = diamond(pen, x, y, pin.grade, isHot);
  else if (pin.kind === 'device') spot = deviceMark(pen, x, y, isHot);
  else spot = drop(pen, x, y, pin, isHot);
  if (isHot) nameTag(pen, x, y + spot.dy - spot.radius - 13, pin.label, true);
  pen.globalAlpha = 1;
  return spot;
}

/** @param {Pen} pen @param {number} x @param {number} y @param {import('./overlay.js').Pin} pin @param {boolean} isHot */
function drop(pen, x, y, pin, isHot) {
  const [radius, lift] = [isHot ? 13 : 11, isHot ? 28 : 25];
  const urgent = pin.overdue || pin.kind === 'alarm';
  pen.fillStyle = urgent ? GRADES[4].css : '#ffffff';
  pen.strokeStyle = urgent ? '#7c0f20' : INK;
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.bezierCurveTo(x - 3, y - 9, x - radius, y - lift + 8, x - radius, y - lift);
  pen.arc(x, y - lift, radius, Math.PI, 2 * Math.PI);
  pen.bezierCurveTo(x + radius, y - lift + 8, x + 3, y - 9, x, y);
  pen.fill();
  pen.stroke();
  pen.fillStyle = pen.strokeStyle = urgent ? '#ffffff' : INK;
  if (pin.overdue) clockFace(pen, x, y - lift);
  else {
    pen.font = `800 15px ${FONT}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText('!', x, y - lift + 0.5);
  }
  return { dy: -lift, radius: radius + 3 };
}

/** @param {Pen} pen @param {number} x @param {number} y */
function clockFace(pen, x, y) {
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.arc(x, y, 6, 0, 2 * Math.PI);
  pen.moveTo(x, y - 3.6);
  pen.lineTo(x, y);
  pen.lineTo(x + 2.8, y + 1.6);
  pen.stroke();
}

/** @param {Pen} pen @param {number} x @param {number} y @param {number} grade @param {boolean} isHot */
function diamond(pen, x, y, grade, isHot) {
  const size = isHot ? 11 : 9;
  pen.fillStyle = GRADES[grade].css;
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.moveTo(x, y - size);
  pen.lineTo(x + size, y);
  pen.lineTo(x, y + size);
  pen.lineTo(x - size, y);
  pen.closePath();
  pen.fill();
  pen.stroke();
  pen.fillStyle = GRADES[grade].ink;
  pen.font = `800 8px ${FONT}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(GRADES[grade].sign, x, y + 0.5);
  return { dy: 0, radius: size + 2 };
}

/** @param {Pen} pen @param {number} x @param {number} y @param {boolean} isHot */
function deviceMark(pen, x, y, isHot) {
  const size = isHot ? 8.5 : 7;
  pen.fillStyle = '#213040';
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.roundRect(x - size, y - size, 2 * size, 2 * size, 3);
  pen.fill();
  pen.stroke();
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 1.3;
  for (const radius of [2, 4.4]) {
    pen.beginPath();
    pen.arc(x, y + 3, radius, 1.2 * Math.PI, 1.8 * Math.PI);
    pen.stroke();
  }
  return { dy: 0, radius: size + 3 };
}

/** @param {Pen} pen @param {number} grade */
function signWidth(pen, grade) {
  pen.font = `800 11px ${FONT}`;
  return Math.max(18, pen.measureText(GRADES[grade].sign).width + 9);
}

/** How wide a zone's label is. @param {Pen} pen @param {string} name @param {number} grade */
export function zoneLabelWidth(pen, name, grade) {
  const sign = signWidth(pen, grade);
  pen.font = `600 12px ${FONT}`;
  return sign + pen.measureText(name).width + 14;
}

/**
 * A zone's sign and name over its place.
 * @param {Pen} pen @param {number} x @param {number} y @param {string} name @param {number} grade @param {boolean} isHot
 */
export function drawZoneLabel(pen, x, y, name, grade, isHot) {
  const { css, ink, sign } = GRADES[grade];
  const width = zoneLabelWidth(pen, name, grade);
  const ofSign = signWidth(pen, grade);
  const [left, top] = [x - width / 2, y - 22];
  pen.fillStyle = 'rgb(255 255 255 / 94%)';
  pen.strokeStyle = isHot ? INK : css;
  pen.lineWidth = isHot ? 2 : 1.2;
  pen.beginPath();
  pen.roundRect(left, top, width, 20, 5);
  pen.fill();
  pen.stroke();
  pen.fillStyle = css;
  pen.beginPath();
  pen.roundRect(left + 2, top + 2, ofSign, 16, 3.5);
  pen.fill();
  pen.textBaseline = 'middle';
  pen.textAlign = 'center';
  pen.fillStyle = ink;
  pen.fillText(sign, left + 2 + ofSign / 2, top + 10.5);
  pen.textAlign = 'left';
  pen.fillStyle = INK;
  pen.font = `600 12px ${FONT}`;
  pen.fillText(name, left + ofSign + 8, top + 10.5);
}
