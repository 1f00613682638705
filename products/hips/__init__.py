"""The sky as HiPS: HEALPix tiles of counts, exposure and intensity, made of photons."""
