def hardships(place, seed):
    return {}
