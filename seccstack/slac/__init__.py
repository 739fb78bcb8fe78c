"""Signal level attenuation characterisation: which vehicle is on our cable."""
