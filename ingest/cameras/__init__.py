"""Live pictures of cameras: asked by RTSP, re-packaged by ffmpeg while somebody looks, never decoded here."""
